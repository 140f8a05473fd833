"""The table of sources: searched, filtered, sorted, cut into pages by the database."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from harvests import states
from harvests.deletion import DELETING, STAGE
from harvests.models import HarvestJob, HarvestSource, JobStatus

ROWS: Final = 50
STATES: Final = (
    *("failing", "held", "deleting", "harvesting", "queued", "never", "ok"),
)
SORTS: Final[Mapping[str, str]] = {
    "state": "rank",
    "name": "name",
    "organization": "organization_id",
    "kind": "harvest_type",
    "records": "last_record_count",
    "share": "share",
    "last": "last_harvest_dt",
    "next": "next_harvest_dt",
}
UNUSED: Final = ("include", "exclude", "cql", "user_agent")


class Table:
    """One page of sources, as the address of the page asks for them."""

    def __init__(self, query: Mapping[str, str], jobs: Iterable[HarvestJob]) -> None:
        self.query = query
        self.sort = self._sort()
        self._jobs = {job.source_id: job for job in jobs}
        rows = self._ordered(self._filtered(HarvestSource.objects.all()))
        self.page: Page = Paginator(rows.defer(*UNUSED), ROWS).get_page(
            query.get("page")
        )
        for source in self.page:
            source.active_job = self._jobs.get(source.pk)
            source.state = states.of_source(source, source.active_job)

    @property
    def is_narrowed(self) -> bool:
        names = ("q", "organization", "kind", "state")
        return any(self.query.get(name) for name in names)

    def _sort(self) -> str:
        wanted = self.query.get("sort", "")
        return wanted if wanted.removeprefix("-") in SORTS else "state"

    def _filtered(self, rows: QuerySet) -> QuerySet:
        if text := self.query.get("q", "").replace("\0", "").strip()[:200]:
            found = Q(name__icontains=text) | Q(url__icontains=text)
            rows = rows.filter(found | Q(organization__name__icontains=text))
        if organization := self.query.get("organization"):
            rows = rows.filter(organization_id=organization)
        if kind := self.query.get("kind"):
            rows = rows.filter(harvest_type=kind)
        if state := self.query.get("state"):
            condition = self._is(state)
            rows = rows.filter(condition) if condition else rows.none()
        return rows

    def _ordered(self, rows: QuerySet) -> QuerySet:
        name = self.sort.removeprefix("-")
        sign = self.sort[: -len(name)]
        if name == "state":
            rows = rows.annotate(rank=self._rank())
        if name == "share":
            rows = rows.annotate(share=_share())
        return rows.order_by(f"{sign}{SORTS[name]}", "name", "pk")

    def _rank(self) -> Case:
        conditions = ((n, self._is(label)) for n, label in enumerate(STATES))
        whens = [When(condition, then=n) for n, condition in conditions if condition]
        return Case(*whens, default=len(STATES), output_field=IntegerField())

    def _is(self, label: str) -> Q:
        """Return the condition for a state, as `states.of_source` has it.

        An empty one where no source can have it.
        """
        if label in _IDLE:
            return self._idle & _IDLE[label]
        at_it = [key for key, job in self._jobs.items() if _at(job) == label]
        working = Q(pk__in=at_it) if at_it else Q()
        if label != "deleting":
            return working
        return working | (self._not_busy & Q(last_message=DELETING))

    @property
    def _not_busy(self) -> Q:
        return ~Q(pk__in=list(self._jobs)) if self._jobs else Q()

    @property
    def _idle(self) -> Q:
        return self._not_busy & ~Q(last_message=DELETING)


_IDLE: Final = {
    "failing": Q(last_harvest_status="fail"),
    "held": Q(last_harvest_status="ok", held_count__gt=0),
    "never": Q(last_harvest_status=None),
    "ok": Q(last_harvest_status="ok", held_count=0),
}


def _at(job: HarvestJob) -> str:
    if job.status == JobStatus.QUEUED:
        return "queued"
    return "deleting" if job.stage == STAGE else "harvesting"


def _share() -> Case:
    """Return the share of records without errors; sources without records are last."""
    good, all_ = (
        Cast(F(f"last_{name}_count"), FloatField()) for name in ("good", "record")
    )
    return Case(
        When(last_record_count=0, then=Value(2.0)),
        default=good / all_,
        output_field=FloatField(),
    )


def column(name: str, sort: str) -> dict[str, Any]:
    """Return what the head of a column needs: how a click sorts, and how it is."""
    turned = {name: f"-{name}", f"-{name}": name}
    order = {name: "ascending", f"-{name}": "descending"}.get(sort, "none")
    return {"sort": turned.get(sort, name), "order": order}
