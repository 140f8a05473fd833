"""Filters of the list of findings."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from harvests.admin.filters import DropDown
from harvests.advice.rules import RULES
from harvests.pipeline.types import Severity

ALL_RULES = ("xsd", *sorted(RULES))


class HowBad(DropDown):
    title = "severity"
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(severity.value, severity.value.capitalize()) for severity in Severity]


class OfRule(DropDown):
    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(rule, rule) for rule in ALL_RULES]


class Mended(DropDown):
    """Findings that some record has, unless one asks for those of the past."""

    title = "state"
    parameter_name = "mended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Mended")]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            yield choice if choice["value"] else {**choice, "display": "Open"}

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.exclude(gone=None) if self.value() == "yes" else rows.open()


class OfProblem(admin.SimpleListFilter):
    """Set by links of the page over all sources; shows as a way back to all."""

    title = "problem"
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        problem = request.GET.get(self.parameter_name)
        return [(problem, "Only this one, by source")] if problem else []

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(problem=self.value()) if self.value() else rows
