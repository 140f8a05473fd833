"""Knows records again whose server has moved from http to https, or back.

A record's URL names its file, by which catalogues know it. It hence stays the one that
the record was first met under; it is fetched from where it is listed now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harvests.pipeline.ledger import Memory
from harvests.pipeline.types import Known, RemoteRecord


def as_known(records: Sequence[RemoteRecord], memory: Memory) -> list[RemoteRecord]:
    """Return the records, each under the URL that it is known by, if only that is."""
    known = memory.look_up([record.url for record in records])
    twins = {r.url: _twin(r.url) for r in records if r.url not in known}
    met = memory.look_up(list(twins.values())) if twins else {}
    return [_under(twins.get(record.url, ""), record, met) for record in records]


def _under(url: str, record: RemoteRecord, met: Mapping[str, Known]) -> RemoteRecord:
    return replace(record, url=url, address=record.url) if url in met else record


def _twin(url: str) -> str:
    scheme, _, rest = url.partition(":")
    return f"{'http' if scheme.lower() == 'https' else 'https'}:{rest}"
