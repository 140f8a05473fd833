"""File names for the store, where the name that a record asks for is taken."""

import hashlib
from pathlib import PurePosixPath


def alternative(name: str, source: str, url: str) -> str:
    """Return another name for the record `url` of `source`; the same each time.

    Used when another source of the organization holds `name` already.
    """
    stem = PurePosixPath(name).stem
    digest = hashlib.sha1(f"{source}\n{url}\n{name}".encode(), usedforsecurity=False)
    return f"{stem[:200]}-{digest.hexdigest()[:8]}.xml"
