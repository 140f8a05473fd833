"""Whether CKAN lets us have it harvest, in one sentence. Nothing is changed there.

A token that CKAN does not know is not refused: CKAN answers as to anybody. Hence it
is asked who we are (`user_show`), and then for a list that only those get who may
have it harvest (`harvest_job_list`, by the same rule as `harvest_job_create`).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from harvests.ckan.errors import CkanError, Invalid, Missing, Refused

if TYPE_CHECKING:
    from harvests.ckan.client import Client


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found; `is_well` if CKAN would harvest for us."""

    is_well: bool
    sentence: str


def check(name: str = "") -> Verdict:
    """Check the API, the token, and that it may have the source `name` harvested."""
    if not settings.CKAN_API:
        return Verdict(False, "No CKAN is set: give CKAN_API and CKAN_API_KEY.")
    from harvests.ckan.client import Client  # only here: ckanapi takes 60 ms to load

    try:
        with Client() as client:
            return _ask(client, name)
    except CkanError as error:
        return Verdict(False, str(error))


def _ask(client: "Client", name: str) -> Verdict:
    client.call("status_show")
    user = _user(client)
    if not user:
        return Verdict(False, _unknown())
    try:
        sentence = _source(client, name) if name else _any_source(client)
    except Refused:
        what = f"the source “{name}”" if name else "any source"
        return Verdict(
            False,
            f"CKAN knows the token as the user “{user}”, who may read, but not have "
            f"{what} harvested: make that user an editor of the source's "
            "organization in CKAN.",
        )
    except Missing as error:
        return Verdict(False, f"CKAN knows the token (as “{user}”), but: {error}")
    return Verdict(True, f"CKAN knows the token as the user “{user}”, {sentence}")


def _user(client: "Client") -> str:
    """Return whose token CKAN takes ours to be, "" if nobody's."""
    try:
        found = client.call("user_show")
    except (Missing, Refused, Invalid):
        return ""
    return str(found.get("name") or "") if isinstance(found, dict) else ""


def _unknown() -> str:
    if not settings.CKAN_API_KEY:
        return "CKAN answers, but CKAN_API_KEY is not set: we may read, no more."
    return (
        "CKAN ignores the token: it answers as to anybody. Make a new one in CKAN "
        "(your user › API tokens) and set CKAN_API_KEY."
    )


def _source(client: "Client", name: str) -> str:
    found = client.source(name)
    client.call("harvest_job_list", source_id=found.id, status="New")
    return f"who may have “{name}” harvested."


def _any_source(client: "Client") -> str:
    """Without a source, whether we could make one: what is asked for is invalid."""
    with suppress(Invalid):
        client.call("harvest_source_create")
    return "who may make harvest sources."
