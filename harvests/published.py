"""What the central WAF holds, for programs: read from rows, a portion at a time.

A portion is a query of its own: who reads slowly keeps no cursor and no lock open.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from harvests import conf
from harvests.models import HarvestJob, HarvestRecord, HarvestSource

PORTION: Final = 1000  # rows of one query
SETTLED: Final = dt.timedelta(minutes=1)
CHANGED_STORE: Final = Q(added__gt=0) | Q(changed__gt=0) | Q(removed__gt=0)
_READ: Final = (
    *("url", "file_name", "file_id", "metadata_date", "sha256", "size", "file_mtime"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the central WAF. `changed` is when its bytes last did (UTC)."""

    source_url: str
    name: str
    identifier: str
    date_stamp: str
    sha256: str
    size: int
    changed: dt.datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one state of an organization's folder from another.

    `changed` is when it last changed (UTC), None of a folder that is not there.
    While rows are being written, or were a moment ago, a version cannot be told from
    the next one: then `tag` is "".
    """

    tag: str
    changed: dt.datetime | None


def root_url() -> str:
    """Return the address of the central WAF, with a slash at its end."""
    return conf.store().base_url


def url_of(organization: str, name: str = "") -> str:
    """Return the address of a folder of the central WAF, or of what is in it."""
    return f"{root_url()}{quote(organization)}/{quote(name)}"


def sources_of(organization: str) -> list[str]:
    """Return the keys of an organization's sources, always in the same order."""
    sources = HarvestSource.objects.filter(organization=organization)
    return list(sources.order_by("pk").values_list("pk", flat=True))


def documents_of(organization: str) -> Iterator[Document]:
    """Yield what an organization has published; in the order of sources and URLs."""
    for source in sources_of(organization):
        yield from documents(source)


def documents(source: str, *, start: int = 0, most: int = 0) -> Iterator[Document]:
    """Yield what a source has published: of all its records, `most` from `start`."""
    records = HarvestRecord.objects.filter(source=source).order_by("url")
    first = records.values_list("url", flat=True)[start : start + 1].first()
    left = most or None
    while first is not None and left != 0:
        size = min(PORTION, left or PORTION)
        rows = records.filter(url__gte=first)
        portion = list(rows.values_list(*_READ)[: size + 1])
        yield from (_document(row) for row in portion[:size] if row[1])
        first = portion[size][0] if len(portion) > size else None
        left = None if left is None else left - size


def _document(row: tuple[str, str, str | None, str | None, str, int, int]) -> Document:
    url, name, identifier, date, sha256, size, mtime = row
    changed = dt.datetime.fromtimestamp(mtime / 1e9, dt.UTC)
    return Document(url, name, identifier or "", date or "", sha256, size, changed)


def version_of(organization: str) -> Version:
    """Return the version of an organization's folder, without looking at its records.

    Rows change by jobs, or together with a file that comes or goes, and then the
    folder has another time.
    """
    jobs = HarvestJob.objects.filter(source__in=sources_of(organization))
    ended = jobs.exclude(finished=None).filter(CHANGED_STORE).order_by("-date")
    last = ended.values_list("pk", "finished").first() or ("", None)
    try:
        touched = (settings.OUTPUT_DIR / organization).stat().st_mtime_ns
    except OSError:
        touched = 0
    times = [dt.datetime.fromtimestamp(touched / 1e9, dt.UTC)] if touched else []
    times += [last[1]] if last[1] else []
    changed = max(times, default=None)
    moving = changed and changed > timezone.now() - SETTLED
    tag = f"{last[0]}-{touched:x}"
    return Version("" if moving or jobs.active().exists() else tag, changed)
