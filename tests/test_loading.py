"""What a process loads when it starts: memory and CPU of each command and worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"harvests.admin", "harvestsite.urls", "ninja", "pydantic"}
SELDOM = {"ckanapi", "requests", "croniter", "cron_descriptor", "yaml"}
TOLD = """
import json, sys
print(json.dumps(sorted(sys.modules)))
"""


def loaded(tmp_path: Path, code: str) -> set[str]:
    """The modules that a process has once Django is set up and the code has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}{TOLD}"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "harvestsite.settings",
            "OUTPUT_DIR": str(tmp_path),
            "SECRET_KEY": "x" * 60,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_a_harvest_loads_no_page(tmp_path):
    found = loaded(tmp_path, "import harvests.management.commands.harvest")
    assert not found & (PAGES | SELDOM)
    assert "harvests.pipeline.runner" in found


@pytest.mark.parametrize("who", ["harvestsite.wsgi", "harvests.workers"])
def test_pages_are_loaded_before_processes_are_forked(tmp_path, who):
    assert loaded(tmp_path, f"import {who}") >= PAGES


def test_the_check_of_the_admin_looks_at_its_pages(tmp_path):
    code = """
from django.contrib import admin
from django.core.checks import run_checks
assert not admin.site._registry
run_checks(tags=["admin"])
assert len(admin.site._registry) > 10
"""
    assert "harvests.admin.sources" in loaded(tmp_path, code)
