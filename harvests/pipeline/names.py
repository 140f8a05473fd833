"""File names for the store, where the name that a record asks for is taken."""

import hashlib
import re
from pathlib import PurePosixPath


def is_alternative(name: str, wished: str) -> bool:
    """Tell whether `name` was granted because `wished` was taken."""
    stem = re.escape(PurePosixPath(wished).stem[:200])
    return re.fullmatch(rf"{stem}-[0-9a-f]{{8}}\.xml", name) is not None


def alternative(name: str, source: str, url: str) -> str:
    """Return another name for the record `url` of `source`; the same each time.

    Used when another source of the organization holds `name` already.
    """
    stem = PurePosixPath(name).stem
    digest = hashlib.sha1(f"{source}\n{url}\n{name}".encode(), usedforsecurity=False)
    return f"{stem[:200]}-{digest.hexdigest()[:8]}.xml"
