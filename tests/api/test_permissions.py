"""Who may do what by API, as a table: every call, each role, by token."""

import pytest
from django.test import Client

from harvests.models import HarvestJob, HarvestRecord
from tests.api.conftest import Program
from tests.api.test_sources import NEW
from tests.roles import ROLES, everything

pytestmark = pytest.mark.django_db(transaction=True)

# What each role gets, in the order of ROLES; the last is an admin whose token reads
APPROVED = (401, 403, 200, 200, 200, 200)
OWNERS = (401, 403, 403, 200, 200, 403)
TABLE = {
    ("GET", "/me"): APPROVED,
    ("GET", "/organizations"): APPROVED,
    ("GET", "/organizations/{organization}"): APPROVED,
    ("GET", "/sources"): APPROVED,
    ("POST", "/sources"): OWNERS,
    ("POST", "/sources/check"): OWNERS,
    ("POST", "/sources/preview"): (401, 403, 422, 422, 422, 403),  # a wrong address
    ("GET", "/sources/{source}"): APPROVED,
    ("PATCH", "/sources/{source}"): OWNERS,
    ("DELETE", "/sources/{source}"): OWNERS,
    ("POST", "/sources/{source}/preview"): OWNERS,
    ("POST", "/sources/{source}/harvest"): OWNERS,
    ("POST", "/sources/{source}/cancel"): OWNERS,
    ("GET", "/jobs"): APPROVED,
    ("GET", "/jobs/{job}"): APPROVED,
    ("GET", "/jobs/{job}/outcomes"): APPROVED,
    ("POST", "/jobs/{job}/cancel"): OWNERS,
    ("GET", "/records"): APPROVED,
    ("GET", "/records/{record}"): APPROVED,
    ("GET", "/findings"): APPROVED,
    ("GET", "/findings/{finding}"): (401, 403, 404, 404, 404, 404),
}
BODIES = {
    ("POST", "/sources"): NEW,
    ("POST", "/sources/check"): NEW,
    ("POST", "/sources/preview"): {"url": "ftp://nowhere"},
    ("PATCH", "/sources/{source}"): {"name": "Newer"},
}


def shape(path: str) -> str:
    """Return a path with its parts left out."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_every_call_is_in_the_table(db):
    document = Client().get("/api/v3/openapi.json").json()["paths"]
    found = {
        (method.upper(), shape(path.removeprefix("/api/v3")))
        for path, operations in document.items()
        for method in operations
    }
    assert found == {(method, shape(path)) for method, path in TABLE}


def test_each_role_gets_what_the_table_says(program, source, queues, provider):
    source.url = provider.url("good")
    source.save()
    record = HarvestRecord.objects.create(source=source, url="https://example.org/1")
    job = HarvestJob.objects.start_for(source)
    rows = {"source": source.pk, "record": record.pk, "finding": "x", "job": job.pk}
    rows["organization"] = source.organization.pk
    asking = [Program(), *(program(role) for role in ROLES[1:])]
    asking.append(program("admin", scope="read"))
    for (method, path), expected in TABLE.items():
        for one, status in zip(asking, expected, strict=True):
            HarvestJob.objects.exclude(pk=job.pk).delete()
            running = "cancel" in path
            job.status = "running" if running else "finished"
            job.active_source = source.pk if running else None
            job.save()
            source.save()
            type(source).objects.exclude(pk=source.pk).delete()
            before = everything() if status != 200 else None
            answer = one.ask(method, path.format(**rows), BODIES.get((method, path)))
            got = 200 if answer.status_code in {201, 202} else answer.status_code
            assert got == status, (method, path, answer.content)
            if before is not None:
                del before["ApiToken"]
                after = everything()
                del after["ApiToken"]
                assert after == before, (method, path)
