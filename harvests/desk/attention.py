"""What needs a person: each line says what, since when and why, and what to press."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from harvests import progress, states
from harvests.admin.base import may_change
from harvests.deletion import DELETING
from harvests.desk import running
from harvests.models import HarvestJob, HarvestSource
from harvests.states import State

SHOWN: Final = 5  # lines of one sort
COLUMNS: Final = (
    *("name", "organization", "last_harvest_status", "last_harvest_dt"),
    *("last_message", "held_count", "kept_count", "state_since", "publish"),
    *("last_record_count", "recent_jobs"),
)
STALLED: Final = State("stalled", "danger")
WAITING: Final = State("waiting", "warning")


@dataclass(frozen=True, slots=True)
class Line:
    """What is wrong with a source. `post` or `link` is what mends it, by `press`."""

    state: State
    source: HarvestSource
    since: dt.datetime | None
    why: str
    press: str
    icon: str
    post: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """The first lines of one sort, and where the others are."""

    lines: list[Line]
    more: int
    url: str


def sorts(request: HttpRequest, jobs: list[HarvestJob]) -> list[Sort]:
    """Return all that needs attention, what is worst first; `jobs` are the active."""
    busy = {job.source_id for job in jobs}
    lines = [*_of_jobs(jobs), *_of_sources(_in_trouble(busy))]
    lines = [line for line in lines if line.source.last_message != DELETING]
    by_label: dict[str, list[Line]] = {}
    for line in lines:
        by_label.setdefault(line.state.label, []).append(line)
    return [_sort(request, label, found) for label, found in by_label.items()]


def _sort(request: HttpRequest, label: str, lines: list[Line]) -> Sort:
    known = {STALLED.label: "harvesting", WAITING.label: "queued"}
    url = f"{reverse('home')}?state={known.get(label, label)}#sources"
    shown = [_allowed(request, line) for line in lines[:SHOWN]]
    return Sort(shown, len(lines) - len(shown), url)


def _allowed(request: HttpRequest, line: Line) -> Line:
    """Return the line; who may not press its button gets a link to the source."""
    if may_change(request, line.source):
        return line
    page = line.source.get_absolute_url()
    return Line(
        *(line.state, line.source, line.since, line.why),
        press="Look",
        icon="visibility",
        link=page,
    )


def _in_trouble(busy: Iterable[str]) -> list[HarvestSource]:
    """Return the sources that need somebody and are not at work; failing ones first."""
    trouble = Q(last_harvest_status="fail") | Q(held_count__gt=0)
    wanted = HarvestSource.objects.filter(trouble | Q(last_harvest_status=None))
    found = wanted.exclude(pk__in=list(busy)).only(*COLUMNS)
    return sorted(found, key=lambda s: (states.of_source(s, None).rank, s.name))


def _of_jobs(jobs: Iterable[HarvestJob]) -> Iterator[Line]:
    found = list(jobs)
    for job in found:
        if running.is_stalled(job):
            beaten = job.heartbeat or job.started
            why = progress.STALLED.format(beaten)
            yield _again(STALLED, job.source, beaten, why, "Harvest again")
    for job in running.waiting_in_vain(found):
        why = progress.UNCLAIMED.format(job.date)
        page = job.get_absolute_url()
        yield Line(
            *(WAITING, job.source, job.date, why),
            press="Job",
            icon="history",
            link=page,
        )


def _of_sources(sources: Iterable[HarvestSource]) -> Iterator[Line]:
    for source in sources:
        state = states.of_source(source, None)
        if state.label == "held":
            page = f"{source.get_absolute_url()}#held"
            yield Line(
                *(state, source, source.last_harvest_dt, state.reason),
                press="Decide",
                icon="rule",
                link=page,
            )
        elif state.label == "failing":
            since = source.state_since or source.last_harvest_dt
            yield _again(state, source, since, state.reason, "Harvest now")
        else:
            yield _again(state, source, None, state.reason, "Harvest now")


def _again(
    state: State, source: HarvestSource, since: dt.datetime | None, why: str, press: str
) -> Line:
    """Return a line with a button that harvests; it asks first, if not published."""
    there = reverse("admin:harvests_source_harvest", args=[source.pk])
    post, link = (there, "") if source.publish else ("", f"{there}?next=/")
    return Line(
        *(state, source, since, why),
        press=press,
        icon="play_circle",
        post=post,
        link=link,
    )
