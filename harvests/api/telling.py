"""Sources as the API tells them: columns, state, and how they let us in."""

from typing import Any, Final

from harvests import states
from harvests.api import shown
from harvests.forms.access import kept_of, warnings_of
from harvests.models import HarvestSource, SourceAccess

WORKED_OUT: Final = (
    *("organization", "state", "reason", "active_job"),
    "next_harvest_dt",
)


def brief(source: HarvestSource) -> shown.SourceInList:
    """Return a source as lists tell it; its active job is attached (`states`)."""
    return shown.SourceInList(**_columns(source, shown.SourceInList), **_state(source))


def full(source: HarvestSource) -> shown.Source:
    """Return a source with all that the API tells of it."""
    states.attach_active_jobs([source])
    access = SourceAccess.of(source)
    return shown.Source(
        **_columns(source, shown.Source),
        **_state(source),
        access=_access(access),
        warnings=warnings_of(source, access),
    )


def _columns(source: HarvestSource, schema: type[shown.SourceInList]) -> dict[str, Any]:
    others = {*WORKED_OUT, "access", "warnings"}
    names = set(schema.model_fields) - others
    return {name: getattr(source, name) for name in names}


def _state(source: HarvestSource) -> dict[str, Any]:
    state = source.state  # type: ignore[attr-defined]
    job = source.active_job  # type: ignore[attr-defined]
    return {
        "organization": source.organization_id,
        "state": state.label,
        "reason": state.reason,
        "active_job": job.pk if job else None,
        "next_harvest_dt": source.next_harvest_dt if source.publish else None,
    }


def _access(access: SourceAccess) -> shown.AccessShown:
    return shown.AccessShown(
        username=access.username,
        proxy=access.proxy,
        verify_tls=access.verify_tls,
        has_ca_certificates=bool(access.ca_certificates),
        secrets=kept_of(access)[0],
    )
