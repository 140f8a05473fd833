"""The house rules that a reader of the code relies on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIPELINE = sorted((ROOT / "harvests" / "pipeline").rglob("*.py"))
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "harvests" / "management" / "commands").glob("[a-z]*.py")
)
# Who may import whom, from the bottom up: nothing imports what stands below it here.
LAYERS = (
    *("schedules", "secrets", "problems", "models", "permissions", "trail", "conf"),
    *("htmx", "attempts", "accounts", "tokens", "signin", "notifications", "mail"),
    *("causes", "duplicates", "ledger", "recording", "trash"),
    *("audit", "previews", "reports", "deletion", "oneoff", "terminal", "moving"),
    *("queueing", "ckan", "ending", "interruption", "jobs", "deletion_job", "upkeep"),
    *("workers", "cron", "health", "command_line", "waf", "states"),
    *("progress", "published", "archive", "changes", "waf_lists", "badges"),
    *("searching", "whereabouts", "forms", "templatetags", "admin", "desk"),
    *("api", "feeds", "account_pages", "token_pages", "notification_pages"),
    *("account_urls", "about", "error_pages", "urls"),
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", PIPELINE, ids=lambda p: p.stem)
def test_the_pipeline_is_pure(path):
    foreign = {
        name
        for name in imports(path)
        if re.match(r"django|rq|redis|environ|unfold|os\.environ", name)
        or (name.startswith("harvests") and not name.startswith("harvests.pipeline"))
    }
    assert foreign <= {"harvests"}
    assert "os.environ" not in path.read_text()


@pytest.mark.parametrize("layer", LAYERS)
def test_arrows_point_one_way(layer):
    above = {f"harvests.{name}" for name in LAYERS[LAYERS.index(layer) + 1 :]}
    place = ROOT / "harvests" / layer
    paths = sorted(place.rglob("*.py")) or [place.with_suffix(".py")]
    if not paths[0].exists():
        paths = []
    found = {name for path in paths for name in imports(path)}
    assert found & above == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_tested_and_in_the_readme(command):
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert f'"{command}"' in tests
    assert command in (ROOT / "README.md").read_text()


def test_no_mock_stands_in_for_the_real_thing():
    for path in (ROOT / "tests").rglob("*.py"):
        names = set(imports(path))
        assert not {name for name in names if "mock" in name.lower()}, path


def test_every_requirement_is_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            assert not line or line.startswith(("#", "-r ")) or "==" in line, line
