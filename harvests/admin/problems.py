"""Findings over all sources, or those of an organization: a problem is one row."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from harvests.admin.base import list_url
from harvests.models import Cause, HarvestSource, Organization
from harvests.pipeline.types import Severity

SHOWN: Final = 100


def page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    chosen = {name: request.GET.get(name, "") for name in ("organization", "severity")}
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Findings over all sources",
        "problems": problems_of(**chosen),
        "shown": SHOWN,
        "chosen": chosen,
        "organizations": Organization.objects.order_by("name"),
        "severities": [severity.value for severity in Severity],
    }
    return render(request, "admin/harvests/problems.html", context)


def problems_of(organization: str = "", severity: str = "") -> list[dict[str, Any]]:
    """Return the problems that most records have, errors first."""
    causes = Cause.objects.open()
    if organization:
        sources = HarvestSource.objects.filter(organization=organization)
        causes = causes.filter(source__in=list(sources.values_list("pk", flat=True)))
    if severity:
        causes = causes.filter(severity=severity)
    groups = causes.order_by().values("problem", "severity")
    sums = {"total": Sum("records"), "sources": Count("pk"), "first": Min("pk")}
    worst = list(groups.annotate(**sums).order_by("severity", "-total")[:SHOWN])
    firsts = Cause.objects.in_bulk([row["first"] for row in worst])
    return [
        {**row, "cause": firsts[row["first"]], "url": _url(row, organization)}
        for row in worst
        if row["first"] in firsts
    ]


def _url(row: dict[str, Any], organization: str) -> str:
    if row["sources"] == 1:
        return reverse("admin:harvests_cause_change", args=[row["first"]])
    within = {"organization": organization} if organization else {}
    return list_url("cause", problem=row["problem"], **within)
