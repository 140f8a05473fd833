"""The OpenAPI document, held against the API by schemathesis; and its page."""

import re
from typing import Any

import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from harvests.models import HarvestJob, HarvestRecord, HarvestSource
from harvestsite.wsgi import application

pytestmark = pytest.mark.django_db

PLACE = "/api/v3/openapi.json"
EXAMPLES = 6
CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
)
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The site by WSGI; the connection that holds the test's rows stays open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    answer = application(environ, start_response)
    body = b"".join(answer)
    answer.close()
    for signal in signals:
        signal.connect(close_old_connections)
    return [body]


def operations(*, bare: bool = False) -> list[Any]:
    """Every operation but the two previews, which would ask the whole Internet.

    `bare`: without headers, which the API takes as HTTP does: it passes over bad ones.
    """
    document = Client().get(PLACE).json()
    for path in document["paths"].values():
        for operation in path.values():
            if bare:
                del operation["security"]
                params = operation["parameters"]
                operation["parameters"] = [p for p in params if p["in"] != "header"]
    schema = schemathesis.openapi.from_dict(document)
    schema.app = site
    schema = schema.exclude(path_regex="/preview$")
    return [found.ok() for found in schema.get_all_operations()]


def hold(
    operation: Any, mode: GenerationMode, headers: dict[str, str], key: str = ""
) -> None:
    """Send what the document allows, or what it does not; check every answer."""

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        if case.path_parameters and key:
            case.path_parameters = {"key": key}
        case.call_and_validate(headers=headers, checks=CHECKS)

    check()


def test_what_is_allowed_is_answered_as_the_document_says(
    program, source, settings, queues
):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    record = HarvestRecord.objects.create(source=source, url="https://example.org/1")
    job = HarvestJob.objects.create(source=source, status="finished")
    keys = {"sources": source.pk, "records": record.pk, "jobs": job.pk}
    keys |= {"organizations": source.organization.pk}
    headers = program("admin").headers
    for operation in operations():
        name = operation.path.split("/")[3]
        hold(operation, GenerationMode.POSITIVE, headers, keys.get(name, ""))


def test_what_is_not_allowed_is_refused(program, source, settings, queues):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    headers = program("admin").headers
    for operation in operations(bare=True):
        if operation.body or operation.query:
            hold(operation, GenerationMode.NEGATIVE, headers)
    assert HarvestSource.objects.get() == source


def test_without_a_token_every_call_says_so(db):
    for operation in operations(bare=True):
        case = operation.Case(path_parameters={"key": "x"})
        answer = case.call()
        assert answer.status_code == 401, operation.label
        case.validate_response(answer, checks=CHECKS[:5])


def test_every_call_is_explained(db):
    document = Client().get(PLACE).json()
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["description"].endswith((".", "!")), operation
            assert operation["responses"]["429"]["content"]


def test_the_page_asks_no_other_site():
    page = Client().get("/api/docs").content.decode()
    found = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert found
    assert {url.split("/")[1] for url in found} == {"static"}
    for url in found:
        assert finders.find(url.removeprefix("/static/")), url
