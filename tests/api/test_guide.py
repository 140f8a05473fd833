"""The examples of docs/api.md, run by curl against a real server."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from harvests import tokens
from harvests.models import HarvestJob, HarvestRecord
from tests.roles import ocean

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^    (curl .*(?:\n        .*)*)", re.MULTILINE)


def run(example: str, **variables: str) -> str:
    """Run an example in a shell; return the status of its answer."""
    settings = "".join(f"{name}={value}; " for name, value in variables.items())
    quiet = "curl -s -o /dev/null -w '%{http_code}'"
    script = settings + example.replace("curl", quiet, 1)
    return subprocess.check_output(["sh", "-c", script], text=True, timeout=60)


def test_the_examples_of_the_guide_do_what_they_say(
    people, source, provider, live_server, queues
):
    _token, text = tokens.make(User.objects.get(username="admin"), "x", scope="write")
    job = HarvestJob.objects.create(source=source, status="finished")
    record = HarvestRecord.objects.create(source=source, url="https://example.org/1")
    names = {"ID": source.pk, "JOB": job.pk, "RECORD": record.pk}
    names["https://example.org/waf/"] = provider.url("good")
    examples = EXAMPLE.findall(GUIDE.read_text())
    assert len(examples) > 12
    for example in sorted(examples, key=lambda each: "DELETE" in each):
        if "cancel" not in example:
            for active in HarvestJob.objects.active():
                active.cancel("nobody")
        command = re.sub("|".join(map(r"\b{}".format, names)), _named(names), example)
        status = run(command, TOKEN=text, API=f"{live_server.url}/api/v3")
        assert status in {"200", "201", "202"}, (status, example)
    assert ocean().sources.filter(name="Buoys", publish=True).exists()


def _named(names: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: names[found[0]]
