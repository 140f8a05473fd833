"""The file names that records ask for, as the predecessor gave them.

With other names, CKAN would delete and make anew every dataset on the day of the move.
"""

import hashlib
from urllib.parse import unquote, urlsplit

from harvests.pipeline.sources.csw_names import file_name


def by_address(url: str) -> str:
    """Return the digest of the address as published: WAF, and all that is like it."""
    digest = hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
    return f"{digest}.xml"


def by_last_part(url: str) -> str:
    """Return the last part of the address: ERDDAP."""
    return file_name(unquote(_last_part(url)).removesuffix(".xml"))


def _last_part(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]
