"""The dashboard: what needs somebody, what runs, how much there is, all sources."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from harvests.desk import attention, running, totals
from harvests.desk.access import shown
from harvests.desk.table import SORTS, STATES, Table, column
from harvests.models import HarvestSource, Organization
from harvests.permissions import ADD, may
from harvests.pipeline.sources import SOURCES


def dashboard(request: HttpRequest) -> HttpResponse:
    jobs = running.active_jobs()
    table = Table(request.GET.dict(), jobs)
    context: dict[str, Any] = {
        "title": "Dashboard",
        "flash_of": "all",
        "tiles": totals.tiles(),
        "changes": totals.changes(),
        "sorts": attention.sorts(request, jobs),
        "table": table,
        "columns": {name: column(name, table.sort) for name in SORTS},
        "organizations": Organization.objects.values_list("name", flat=True),
        "kinds": [(key, kind.label) for key, kind in SOURCES.items()],
        "states": STATES,
        "may_add": may(request.user, ADD, HarvestSource),
        **running.context(request, jobs),
    }
    return shown(request, "desk/dashboard.html", context)
