"""Gathers the one record that a URL leads to.

It is always there: a document that cannot be had is a record that failed, and what is
published of it stays, for nobody has said that it is gone.
"""

from collections.abc import Iterator

from harvests.pipeline.reading.kinds import ROOTS
from harvests.pipeline.sources.file_names import by_address
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Plan, Recognition, RemoteRecord, Sample


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the record; it is fetched like any other."""
    yield RemoteRecord(plan.url, by_address(plan.url))


def recognise(sample: Sample) -> Recognition | None:
    """Tell a record by its root element."""
    if sample.root not in ROOTS:
        return None
    name = sample.root.rpartition("}")[2]
    return Recognition(f"it is one ISO 19139 record ({name})", sample.url)
