"""What a process loads when it starts: memory and CPU of each command and worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"harvests.admin", "harvestsite.urls", "ninja", "pydantic"}
SELDOM = {"ckanapi", "requests", "croniter", "cron_descriptor", "yaml", "pymongo"}
HARVEST = "import harvests.command_line, harvests.management.commands.harvest"
TOLD = """
import json, sys
started = []
def note(event, told):
    if event == "subprocess.Popen":
        started.append(str(told))
sys.addaudithook(note)
import django
django.setup()
{code}
print(json.dumps([sorted(sys.modules), started]))
"""


def run(tmp_path: Path, code: str, mongo_url: str = "") -> tuple[list[str], list[str]]:
    """The modules that a process has once Django is set up and the code has run.

    And what other processes it has started.
    """
    done = subprocess.run(
        [sys.executable, "-c", TOLD.format(code=code)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "harvestsite.settings",
            "MONGO_URL": mongo_url,
            "OUTPUT_DIR": str(tmp_path),
            "SECRET_KEY": "x" * 60,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules, started = json.loads(done.stdout)
    return modules, started


def loaded(tmp_path: Path, code: str) -> set[str]:
    return set(run(tmp_path, code)[0])


@pytest.mark.parametrize("mongo_url", ["", "mongodb://127.0.0.1:1/nobody"])
def test_a_harvest_starts_no_other_process(tmp_path, mongo_url):
    """Looking for GDAL starts some; croniter one, to know how wide a word is."""
    code = f"{HARVEST}\nfrom django.db import connection\nconnection.vendor"
    assert run(tmp_path, code, mongo_url)[1] == []


def test_a_harvest_loads_no_page(tmp_path):
    found = loaded(tmp_path, HARVEST)
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
