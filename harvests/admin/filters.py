"""Filters of the change lists: drop-down lists that never join collections."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from harvests.models import HarvestRecord, HarvestSource, JobStatus, Organization
from harvests.models.records import FAILED
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Result, Stage
from harvests.problems import is_key, mark

FEW = 1000
# By an index; for IS NOT NULL, SQLite takes none
MISSING = Q(missing_since__gt=dt.datetime(1970, 1, 1, tzinfo=dt.UTC))


class DropDown(admin.SimpleListFilter):
    """A select; `pick` narrows the rows to a value."""

    template = "admin/harvests/_filter.html"

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        yield {"value": "", "display": "All", "selected": self.value() is None}
        for value, display in self.lookup_choices:
            selected = str(value) == self.value()
            yield {"value": value, "display": display, "selected": selected}

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return self.pick(rows, self.value()) if self.value() else rows

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(**{self.parameter_name: value})


class OfOrganization(DropDown):
    title = "organization"
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = Organization.objects.order_by("name").values_list("name", flat=True)
        return [(name, name) for name in names]


class OfOrganizationsSources(OfOrganization):
    """Rows of the sources of an organization, by the ids of those."""

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        sources = HarvestSource.objects.filter(organization=value)
        return rows.filter(source__in=list(sources.values_list("pk", flat=True)))


class OfSource(DropDown):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(HarvestSource.objects.order_by("name").values_list("pk", "name"))


class Kind(DropDown):
    title = "kind"
    parameter_name = "harvest_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, kind.label) for key, kind in SOURCES.items()]


class LastHarvest(DropDown):
    title = "last harvest"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ok", "ok"), ("fail", "failing"), ("never", "never harvested")]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        wanted = None if value == "never" else value
        return rows.filter(last_harvest_status=wanted)


class YesNo(DropDown):
    """Rows for which `condition` holds, or not."""

    condition: Q

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(self.condition if value == "yes" else ~self.condition)


class Published(YesNo):
    title = "published"
    parameter_name = "published"
    condition = Q(publish=True)


class HasHeld(YesNo):
    title = "removals held"
    parameter_name = "held"
    condition = Q(held_count__gt=0)


class HasErrors(YesNo):
    title = "errors"
    parameter_name = "errors"
    condition = Q(trouble__gt=0, error_count__gt=0)

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "yes":
            return super().pick(rows, value)
        return rows.filter(trouble__in=(0, FAILED), error_count=0)


class HasWarnings(YesNo):
    title = "warnings"
    parameter_name = "warnings"
    condition = Q(warning_count__gt=0)


class HasProblems(YesNo):
    """What a source counts as “with problems”."""

    title = "problems (errors or failing)"
    parameter_name = "problems"
    condition = Q(trouble__gt=0)

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        return super().pick(rows, value) if value == "yes" else rows.filter(trouble=0)


class Failing(YesNo):
    title = "failing"
    parameter_name = "failing"
    condition = Q(trouble=FAILED)


class Missing(YesNo):
    title = "removal held"
    parameter_name = "held"
    condition = Q(missing_since__isnull=False, restored=False)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*super().lookups(request, model_admin), ("kept", "No: kept by hand")]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "no":
            return super().pick(rows, value)
        return _if_few(rows, MISSING & Q(restored=value == "kept"))


class Status(DropDown):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return JobStatus.choices


class WhatHappened(DropDown):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shown = [result for result in Result if result is not Result.UNCHANGED]
        return [(result.value, result.value) for result in shown]


class AtStage(DropDown):
    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(stage.value, stage.value) for stage in Stage]


class OfJob(admin.SimpleListFilter):
    """Set by links of a job's page; shows as a way back to all."""

    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        job = request.GET.get(self.parameter_name)
        return [(job, "Only of this job")] if job else []

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(job=self.value()) if self.value() else rows


class OfCause(admin.SimpleListFilter):
    """Set by links of a finding's page; shows as a way back to all."""

    title = "finding"
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name)
        return [(key, "Only with this finding")] if key else []

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        source, _dash, problem = (self.value() or "").rpartition("-")
        if not self.value():
            return rows
        if not is_key(problem):
            return rows.none()
        return _if_few(rows, Q(source=source, causes__contains=mark(problem)))


def _if_few(rows: QuerySet, condition: Q) -> QuerySet:
    """Narrow a list of records, by the keys of such records if they are few.

    The keys come from an index. A database would look for these few through all
    records in the order of the list.
    """
    keys = HarvestRecord.objects.filter(condition).order_by()
    found = list(keys.values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(condition if len(found) > FEW else Q(pk__in=found))


class Since(DropDown):
    title = "created"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "In the last day"), ("7", "In 7 days"), ("30", "In 30 days")]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        days = int(value) if value in {"1", "7", "30"} else 30
        return rows.filter(date__gte=timezone.now() - dt.timedelta(days=days))
