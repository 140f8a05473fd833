"""File names for the store, where the name that a record asks for is taken."""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Final

_END: Final = re.compile(r"[0-9a-f]{8}\.xml")


def is_alternative(name: str, wished: str) -> bool:
    """Tell whether `name` was granted because `wished` was taken."""
    if name == wished:  # however much it looks like another one
        return False
    start = f"{PurePosixPath(wished).stem[:200]}-"
    return name.startswith(start) and _END.fullmatch(name, len(start)) is not None


def alternative(name: str, source: str, url: str) -> str:
    """Return another name for the record `url` of `source`; the same each time.

    Used when another source of the organization holds `name` already.
    """
    stem = PurePosixPath(name).stem
    digest = hashlib.sha1(f"{source}\n{url}\n{name}".encode(), usedforsecurity=False)
    return f"{stem[:200]}-{digest.hexdigest()[:8]}.xml"
