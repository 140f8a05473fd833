"""Has CKAN harvest after a change, and follows its job to the end.

Nothing here waits: each call looks once and plans the next look. A wish is a column
of `CkanSource`, so that it outlives every process, and several are one.

`attend` is a guard: CKAN and its plugins may answer what nobody thought of, and one
source must not keep the others waiting. Whatever comes is logged, and looked at again.
"""

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone

from harvests.ckan import names
from harvests.ckan.answers import Job, Report, Source
from harvests.ckan.errors import CkanError, Unreachable
from harvests.models import (
    CkanComplaint,
    CkanSource,
    HarvestJob,
    HarvestSource,
)

if TYPE_CHECKING:
    from harvests.ckan.client import Client

logger = logging.getLogger(__name__)

MINUTE: Final = dt.timedelta(minutes=1)
LEASE: Final = 10 * MINUTE  # longer than any look takes
OTHERS: Final = 15 * MINUTE  # that harvests into the same folder are waited for
LONGEST: Final = 60 * MINUTE  # between two tries
GIVEN_UP: Final = dt.timedelta(days=7)  # after which a wish is no longer tried
FOLLOWED: Final = dt.timedelta(days=3)  # after which a job is no longer followed
BUDGET: Final = 60  # seconds of a minute's round: the queue has other work
ROWS: Final = 1000
FAULT: Final = "An error of this program ({}): its log says more."
TRIES: Final = 2  # after the first one, of a report


def want(source: HarvestSource, asked_by: str = "") -> CkanSource | None:
    """Note that CKAN ought to harvest; None if none reads what the source publishes."""
    name = names.name_for(source)
    if not name:
        return None
    row, _new = CkanSource.objects.get_or_create(pk=name)
    now = timezone.now()
    row.note(wanted=now, asked_by=asked_by[:150], next_look=now, tries=0)
    return row


def look_soon(name: str) -> None:
    """Have CKAN asked how its last job went, without a new one."""
    row, _new = CkanSource.objects.get_or_create(pk=name)
    row.note(next_look=timezone.now(), tries=0)


def attend_due(now: dt.datetime | None = None) -> int:
    """Look after every CKAN source whose time has come: each minute. Return how many.

    Where CKAN is slow, the rest waits for the next minute.
    """
    ends, count = time.monotonic() + BUDGET, 0
    due = CkanSource.objects.due(now or timezone.now()).order_by("next_look")
    for name in list(due.values_list("pk", flat=True)):
        if time.monotonic() > ends:
            break
        attend(name, now)
        count += 1
    return count


def attend(name: str, now: dt.datetime | None = None) -> None:
    """Look once after one CKAN source, if it is time and nobody else does."""
    now = now or timezone.now()
    row = CkanSource.objects.filter(pk=name).first()
    if row is None or not settings.CKAN_API or not row.take(now, now + LEASE):
        return
    if row.wanted and _others_harvest(row, now):
        row.note(next_look=now + MINUTE)
        return
    from harvests.ckan.client import Client  # only here: ckanapi takes 60 ms to load

    try:
        with Client() as client:
            _look(row, client, now)
    except CkanError as error:
        _try_again(row, error, now)
    except Exception as error:
        logger.exception("CKAN source %s", row.pk)
        _try_again(row, CkanError(FAULT.format(type(error).__name__)), now)


def _look(row: CkanSource, client: "Client", now: dt.datetime) -> None:
    """Ask CKAN once, and do what its answer calls for."""
    found = client.source(row.pk)
    job = found.last_job
    row.note(seen=now, page=f"{names.site()}/harvest/{found.name}"[:700])
    if job:
        _keep(row, job)
    if job and row.is_unfinished:
        if job.is_open:
            row.fulfil()
        _follow(row, job, now)
        return
    if job and row.reported != job.id:
        _take_report(row, _report(row, client, job))
    if row.wanted:
        _create(row, client, found, now)
    else:
        row.note(next_look=None, tries=0, message="")


def _report(row: CkanSource, client: "Client", job: Job) -> Report:
    """Return what the job said; if that is not to be had in three tries, so much."""
    try:
        return client.report(job.id)
    except Unreachable as error:
        if row.tries < TRIES:
            raise
        return Report(gathering=[f"Its errors are not to be had. {error}"])


def _create(row: CkanSource, client: "Client", found: Source, now: dt.datetime) -> None:
    job = client.create_job(found.id)
    row.fulfil()
    _keep(row, job)
    row.note(next_look=now + MINUTE, tries=0, message="")


def _follow(row: CkanSource, job: Job, now: dt.datetime) -> None:
    """Plan the next look at an unfinished job: soon while it is young."""
    age = now - (job.created or now)
    if age < FOLLOWED:
        wait = MINUTE if age < 10 * MINUTE else min(age / 10, LONGEST / 2)
        row.note(next_look=now + wait, tries=0, message="")
        return
    message = (
        f"CKAN's job of {job.created:%Y-%m-%d} has not ended in {FOLLOWED.days} days: "
        "do `ckan harvester fetch-consumer` and `ckan harvester run` run there? We "
        "look again after the next change, or when you ask."
    )
    row.note(next_look=None, tries=0, message=message)


def _keep(row: CkanSource, job: Job) -> None:
    row.note(
        job_id=job.id,
        job_status=job.status,
        job_created=job.created,
        job_finished=job.finished,
        counts=dict(job.counts),
    )


def _take_report(row: CkanSource, report: Report) -> None:
    """Keep what a job said: the new rows first, so that no reader finds none."""
    before = list(row.complaints.values_list("pk", flat=True))
    new = [
        CkanComplaint(
            ckan_source=row,
            url=complaint.url,
            place=names.place_of(complaint.url)[:400],
            guid=complaint.guid,
            errors=complaint.errors,
        )
        for complaint in report.documents
    ]
    CkanComplaint.objects.bulk_create(new, batch_size=ROWS)
    row.note(
        reported=row.job_id, gather_errors=report.gathering, complaint_count=len(new)
    )
    for start in range(0, len(before), ROWS):
        old = before[start : start + ROWS]
        CkanComplaint.objects.filter(pk__in=old).delete()


def _others_harvest(row: CkanSource, now: dt.datetime) -> bool:
    """Tell whether more changes for the same CKAN source are on their way."""
    if row.wanted is None or now - row.wanted > OTHERS:
        return False
    active = HarvestJob.objects.active().select_related("source__organization")
    return any(names.name_for(job.source) == row.pk for job in active)


def _try_again(row: CkanSource, error: CkanError, now: dt.datetime) -> None:
    """Plan another try, later each time; say what went wrong."""
    logger.warning("CKAN source %s: %s", row.pk, error)
    wait = min(MINUTE * 2 ** min(row.tries, 10), LONGEST)
    since = row.wanted or row.job_created or now
    if now - since < GIVEN_UP:
        told = f"{error} We try again {_in(wait)}."
        row.note(next_look=now + wait, tries=row.tries + 1, message=told)
        return
    told = (
        f"{error} We gave up after {GIVEN_UP.days} days, and try again after the next "
        "change, or when you ask."
    )
    row.note(next_look=None, tries=0, message=told)


def _in(wait: dt.timedelta) -> str:
    minutes = round(wait / MINUTE)
    return "in a minute" if minutes <= 1 else f"in {minutes} minutes"
