"""The way of a document: source → fetched → valid → published, and where it stopped."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from harvests.models import (
    CkanComplaint,
    CkanSource,
    HarvestRecord,
    TrashedRecord,
)
from harvests.pipeline.types import Stage
from harvests.whereabouts.patterns import excluded_by

DONE: Final = "done"
WARNING: Final = "warning"
STOPPED: Final = "stopped"
WAITING: Final = "waiting"
WAY: Final = {
    "Source": (Stage.GATHER,),
    "Fetched": (Stage.FETCH,),
    "Valid": (Stage.READ, Stage.VALIDATE),
    "Published": (Stage.STORE,),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One station: what happened there, and when; `url` is of the published file."""

    name: str
    state: str
    text: str
    when: dt.datetime | None = None
    url: str = ""


def ckan_step(
    record: HarvestRecord, row: CkanSource | None, complaint: CkanComplaint | None
) -> Step:
    """Return the last station, of a record whose folder a CKAN harvests."""
    if not record.record_url:
        return Step("CKAN", WAITING, "Not reached.")
    if complaint:
        said = "; ".join(error.get("message", "") for error in complaint.errors)
        ended = row.job_finished if row else None
        return Step("CKAN", STOPPED, f"CKAN says of it: {said}", ended)
    if row is None or not row.reported or row.job_finished is None:
        text = "CKAN has not harvested the folder yet, as far as we know."
        return Step("CKAN", WAITING, " ".join([text, row.message if row else ""]))
    stored, made = _stored(record), row.job_created
    if stored and made and stored > made:
        text = "CKAN has not harvested it since it was published or changed."
        return Step("CKAN", WAITING, f"{text} {row.message}")
    text = "CKAN's last job said nothing against it; that ended:"
    return Step("CKAN", DONE, text, row.job_finished)


def steps_of(record: HarvestRecord) -> list[Step]:
    stage = (record.failure or {}).get("stage", "")
    names = list(WAY)
    stop = next((n for n in names if stage in WAY[n]), "" if not stage else "Fetched")
    steps = []
    for name in names:
        if stop and names.index(name) > names.index(stop):
            steps.append(_not_reached(record, name))
        elif name == stop:
            steps.append(_stopped(record, name))
        else:
            steps.append(_REACHED[name](record))
    return steps


def steps_of_removed(item: TrashedRecord) -> list[Step]:
    pattern = excluded_by(item.source, item.url)
    why = pattern or "Its source did not list it any more."
    until = item.removed_at + dt.timedelta(days=settings.TRASH_DAYS)
    text = f"Not any more. It can be restored from the trash until {until:%Y-%m-%d}."
    return [
        Step("Source", STOPPED, f"Removed. {why}", item.removed_at),
        Step("Published", WAITING, text),
    ]


def _listed(record: HarvestRecord) -> Step:
    source, since = record.source, record.missing_since
    if since and record.restored:
        text = "Kept by hand; its source does not list it."
        return Step("Source", WARNING, text, since)
    pattern = excluded_by(source, record.url)
    if since:
        why = pattern or "Its source does not list it any more."
        text = f"{why} The removal is held, so it stays published."
        return Step("Source", WARNING, text, since)
    when = source.last_harvest_dt
    if pattern:
        return Step("Source", WARNING, f"{pattern} The next harvest misses it.", when)
    if source.last_harvest_status == "fail":
        text = f"The last harvest of the source failed: {source.last_message}"
        return Step("Source", WARNING, text, when)
    return Step("Source", DONE, "Listed; the source was last harvested:", when)


def _fetched(record: HarvestRecord) -> Step:
    return Step("Fetched", DONE, "Fetched; last read as new or changed:", _read(record))


def _valid(record: HarvestRecord) -> Step:
    errors, warnings = record.error_count, record.warning_count
    counts = [(errors, "error"), (warnings, "warning")]
    shown = [f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n]
    text = f"{' and '.join(shown)}." if shown else "Without errors."
    return Step("Valid", WARNING if errors else DONE, text, _read(record))


def _published(record: HarvestRecord) -> Step:
    if not record.record_url:
        return Step("Published", STOPPED, "It was never published.")
    url, when = record.record_url, _stored(record)
    return Step("Published", DONE, "In the central WAF:", when, url)


_REACHED: Final[dict[str, Any]] = {
    "Source": _listed,
    "Fetched": _fetched,
    "Valid": _valid,
    "Published": _published,
}


def _stopped(record: HarvestRecord, name: str) -> Step:
    message = (record.failure or {}).get("message") or "The last harvest failed on it."
    if name == "Published" and record.record_url:
        message = f"{message} What was published before stays."
    when = record.source.last_harvest_dt
    return Step(name, STOPPED, message, when, record.record_url or "")


def _not_reached(record: HarvestRecord, name: str) -> Step:
    if name != "Published" or not record.record_url:
        return Step(name, WAITING, "Not reached.")
    text = "What was published before stays:"
    return Step(name, WARNING, text, _stored(record), record.record_url)


def _read(record: HarvestRecord) -> dt.datetime:
    return record.update_time


def _stored(record: HarvestRecord) -> dt.datetime | None:
    if not record.file_mtime:
        return None
    return dt.datetime.fromtimestamp(record.file_mtime / 1e9, tz=dt.UTC)
