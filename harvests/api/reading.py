"""What can be read beside sources: people, organizations, records and findings."""

from typing import Any, Final, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from harvests.api import shown
from harvests.api.paging import Listing, Order, page
from harvests.api.rows import wanted
from harvests.models import Cause, HarvestRecord, HarvestSource, Organization
from harvests.permissions import is_admin, organizations_of
from harvests.problems import mark

router = Router()

BY_ID: Final = ("id",)
ORGANIZATIONS: Final = Order("organizations", BY_ID)
RECORDS: Final = Order("records", ("source_id", "url"))
FINDINGS: Final = Order("findings", BY_ID)
HEAVY: Final = (
    *("description", "services", "validation_errors", "validation_warnings"),
    *("details", "causes"),
)


class OfSource(Listing):
    source: str | None = Field(None, description="Id of a source.")
    organization: str | None = Field(None, description="Name of an organization.")


class RecordFilter(OfSource):
    file_id: str | None = Field(None, description="Its identifier.")
    file_name: str | None = None
    errors: bool | None = Field(None, description="With errors, or without.")
    failing: bool | None = Field(None, description="The last harvest failed on it.")
    held: bool | None = Field(None, description="Its source does not list it.")
    problem: str | None = Field(
        None, pattern="^[0-9a-f]{16}$", description="`problem` of a finding."
    )


class FindingFilter(OfSource):
    rule: str | None = None
    severity: Literal["error", "warning"] | None = None
    open: bool | None = Field(None, description="Some record has it now.")


def of_source(rows: QuerySet, asked: OfSource) -> QuerySet:
    """Narrow rows that belong to sources, without a join."""
    if asked.source is not None:
        rows = rows.filter(source=asked.source)
    if asked.organization is not None:
        sources = HarvestSource.objects.filter(organization=asked.organization)
        rows = rows.filter(source__in=list(sources.values_list("pk", flat=True)))
    return rows


@router.get("/me", response=shown.Me, tags=["you"])
def me(request: HttpRequest) -> shown.Me:
    """Who you are to the API, and what your token may do."""
    token = getattr(request, "api_token", None)
    return shown.Me(
        user=request.user.get_username(),
        is_admin=is_admin(request.user),
        organizations=sorted(organizations_of(request.user)),
        token=token.name if token else None,
        scope=token.scope if token else "write",
    )


@router.get("/organizations", response=shown.Organizations, tags=["organizations"])
def list_organizations(
    request: HttpRequest, asked: Query[Listing]
) -> shown.Organizations:
    """All organizations."""
    found, cursor = page(Organization.objects.all(), ORGANIZATIONS, asked)
    items = [shown.Organization.model_validate(row) for row in found]
    return shown.Organizations(items=items, next_cursor=cursor)


@router.get("/organizations/{key}", response=shown.Organization, tags=["organizations"])
def get_organization(request: HttpRequest, key: str) -> shown.Organization:
    """One organization."""
    return shown.Organization.model_validate(wanted(Organization.objects.all(), key))


@router.get("/records", response=shown.Records, tags=["records"])
def list_records(request: HttpRequest, asked: Query[RecordFilter]) -> shown.Records:
    """Records as they stand, by source and URL."""
    rows = of_source(HarvestRecord.objects.defer(*HEAVY), asked)
    found, cursor = page(rows.filter(**_wishes(asked)), RECORDS, asked)
    items = [shown.RecordInList.model_validate(row) for row in found]
    return shown.Records(items=items, next_cursor=cursor)


def _wishes(asked: RecordFilter) -> dict[str, Any]:
    """Return the conditions that a record is to meet."""
    wishes = {
        "file_id": asked.file_id,
        "file_name": asked.file_name,
        "failure__isnull": None if asked.failing is None else not asked.failing,
        "missing_since__isnull": None if asked.held is None else not asked.held,
        "causes__contains": mark(asked.problem) if asked.problem else None,
    }
    if asked.errors is not None:
        wishes["error_count__gt" if asked.errors else "error_count"] = 0
    return {name: value for name, value in wishes.items() if value is not None}


@router.get("/records/{key}", response=shown.Record, tags=["records"])
def get_record(request: HttpRequest, key: str) -> shown.Record:
    """A record with what was read from it, and every finding with its line."""
    return shown.Record.model_validate(wanted(HarvestRecord.objects.all(), key))


@router.get("/findings", response=shown.Findings, tags=["findings"])
def list_findings(request: HttpRequest, asked: Query[FindingFilter]) -> shown.Findings:
    """Problems, grouped: one row per source, however many records have it."""
    rows = of_source(Cause.objects.all(), asked)
    wishes = {"rule": asked.rule, "severity": asked.severity}
    rows = rows.filter(**{name: value for name, value in wishes.items() if value})
    if asked.open is not None:
        rows = rows.filter(gone__isnull=asked.open)
    found, cursor = page(rows, FINDINGS, asked)
    items = [shown.Finding.model_validate(row) for row in found]
    return shown.Findings(items=items, next_cursor=cursor)


@router.get("/findings/{key}", response=shown.Finding, tags=["findings"])
def get_finding(request: HttpRequest, key: str) -> shown.Finding:
    """One problem of one source."""
    return shown.Finding.model_validate(wanted(Cause.objects.all(), key))
