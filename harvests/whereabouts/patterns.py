"""Which pattern of a source leaves an address out."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from harvests.models import HarvestSource
from harvests.models.options import lines
from harvests.pipeline.selecting import is_wanted
from harvests.pipeline.types import RemoteRecord, Selection


def excluded_by(source: HarvestSource, url: str) -> str:
    """Return a sentence that names the pattern, "" if none leaves the address out."""
    record = RemoteRecord(url, PurePosixPath(urlsplit(url).path).name)
    for pattern in lines(source.exclude):
        if not is_wanted(record, Selection(exclude=(pattern,))):
            return f"The source's exclude pattern “{pattern}” leaves it out."
    include = lines(source.include)
    if include and not is_wanted(record, Selection(include=include)):
        return f"None of the source's include patterns ({', '.join(include)}) fits it."
    return ""
