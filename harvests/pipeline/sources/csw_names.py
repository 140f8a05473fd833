"""The file name that a record of a catalogue service asks for."""

import hashlib
import re
from typing import Final

# Nothing that leaves the folder, that Windows or a URL takes for something else, or
# that CKAN overlooks in our folder: a leading "_", and "index" in the name.
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\\?#%<>|*"\ud800-\udfff]|^[._ ]|index')
_LONGEST: Final = 255
_READABLE: Final = 100


def file_name(identifier: str) -> str:
    """Return the predecessor's name, or a safe one with a hash where that is unfit."""
    name = identifier.replace("/", "_") + ".xml"
    if len(name.encode("utf-8", "replace")) <= _LONGEST and not _UNFIT.search(name):
        return name
    stem = re.sub(r"[^\w.-]+|index", "-", identifier, flags=re.ASCII).strip("-._")
    mark = digest(identifier.encode(errors="replace"))
    return f"{stem[:_READABLE] or 'record'}-{mark}.xml"


def digest(data: bytes) -> str:
    """Return the sixteen characters that tell one document or name from another."""
    return hashlib.sha256(data).hexdigest()[:16]
