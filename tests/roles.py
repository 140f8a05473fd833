"""The cast of the tests of permissions, and what they look at."""

from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from harvests import tokens, trail
from harvests.models import (
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Membership,
    Organization,
    TrashedRecord,
    WebHook,
)

ROLES = ("anonymous", "unapproved", "other", "member", "admin")


def cast() -> dict[str, Client]:
    """Return a browser of each role; the member is of the Ocean Institute."""
    clients = {role: Client(raise_request_exception=False) for role in ROLES}
    for role in ROLES[1:]:
        user = User.objects.create_user(
            role,
            email=f"{role}@example.org",
            is_staff=role != "unapproved",
            is_superuser=role == "admin",
        )
        clients[role].force_login(user)
    river = Organization.objects.create(name="River Office")
    for role, organization in (("other", river), ("member", ocean())):
        user = User.objects.get(username=role)
        Membership.objects.create(user=user, organization=organization)
    return clients


def ocean() -> Organization:
    return Organization.objects.get_or_create(name="Ocean Institute")[0]


def things() -> dict[str, Any]:
    """Return one row of everything, by the name of its model."""
    url = "https://example.org/1.xml"
    source = HarvestSource.objects.create(
        name="Good", url="https://example.org/", organization=ocean()
    )
    ended = {"status": "finished", "finished": timezone.now()}
    job = HarvestJob.objects.create(source=source, **ended)
    removed = {"source": source.name, "file_name": "2.xml", "url": f"{url}?2"}
    ulla = User.objects.create_user("ulla")
    uwe = User.objects.create_user("uwe")
    trail.note(uwe, source, "Looked at.")
    return {
        "logentry": LogEntry.objects.get(),
        "harvestsource": source,
        "harvestjob": job,
        "harvestoutcome": HarvestOutcome.objects.create(
            job=job, url=url, outcome="added"
        ),
        "harvestrecord": HarvestRecord.objects.create(source=source, url=url),
        "trashedrecord": TrashedRecord.objects.create(
            source=source, url=f"{url}?2", file_name="2.xml", row=removed
        ),
        "webhook": WebHook.objects.create(
            url="https://hooks.example.org/", organization=ocean()
        ),
        "organization": source.organization,
        "user": ulla,
        "apitoken": tokens.make(uwe, "Uwe's")[0],
    }


def pages(resolver: Any = None, before: str = "") -> list[tuple[str, str, list[str]]]:
    """Return every URL of the site: its name, route and the names of its parts."""
    found = []
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            inside = f"{before}{part.namespace}:" if part.namespace else before
            found += pages(part, inside)
        elif isinstance(part, URLPattern):
            names = list(part.pattern.converters) or list(part.pattern.regex.groupindex)
            found.append((f"{before}{part.name or ''}", str(part.pattern), names))
    return found


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of ours and all users, to be compared later."""
    models = [*apps.get_app_config("harvests").get_models(), User]
    fields = {"last_login", "heartbeat"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in fields}
            for row in model.objects.order_by("pk").values()
        ]
        for model in models
    }
