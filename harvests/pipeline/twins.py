"""Knows records again whose server has moved from http to https, or back.

A record's URL names its file, by which catalogues know it. It hence stays the one that
the record was first met under; it is fetched from where it is listed now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from harvests.pipeline.ledger import Memory
from harvests.pipeline.types import Known, RemoteRecord


def as_known(
    records: Sequence[RemoteRecord], memory: Memory
) -> tuple[list[RemoteRecord], Mapping[str, Known]]:
    """Return the records, each under the URL that it is known by, if only that is.

    And what is known, by those URLs.
    """
    known = memory.look_up([record.url for record in records])
    twins = {r.url: _twin(r.url) for r in records if r.url not in known}
    met = memory.look_up(list(twins.values())) if twins else {}
    found = [_under(twins.get(record.url, ""), record, met) for record in records]
    return found, {**known, **met}


def _under(url: str, record: RemoteRecord, met: Mapping[str, Known]) -> RemoteRecord:
    return replace(record, url=url, address=record.url) if url in met else record


def _twin(url: str) -> str:
    """Return the URL by the other scheme, also where it names its own host again.

    A THREDDS record's address has that of its catalogue in it, percent-encoded.
    """
    scheme, _, rest = url.partition("://")
    other = "http" if scheme.lower() == "https" else "https"
    host = rest.partition("/")[0]
    for colon in ("://", "%3A%2F%2F", "%3a%2f%2f"):
        place = host if colon == "://" else quote(host, safe="")
        rest = rest.replace(f"{scheme}{colon}{place}", f"{other}{colon}{place}")
    return f"{other}://{rest}"
