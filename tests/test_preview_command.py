"""`manage.py preview`, as it is typed."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from harvests import jobs
from harvests.management.commands.harvest import Failed, Usage
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import RemoteRecord
from tests import misbehaving
from tests.behaviours import Exchange, behaviour
from tests.folders import add_records, record
from tests.pipeline.folders_site import Answer, running
from tests.test_one_off import manage

NAME = SOURCES["WAF"].label


@behaviour
def apache(exchange: Exchange) -> None:
    """A folder of a server that does not tell its name in a header."""
    page = b'<a href="a.xml">a</a><address>Apache/2.4 Server</address>'
    exchange.answer(200, "Content-Type: text/html", body=page)


@behaviour
def gaps(exchange: Exchange) -> None:
    """gaps/: one record, and a folder that never answers."""
    if exchange.target != "/gaps/":
        exchange.stop.wait()
    page = b'<title>Index of</title><li><a href="a.xml">a</a><li><a href="b/">b</a>'
    exchange.answer(200, "Content-Type: text/html", "Server: \x1b[2JIIS", body=page)


@pytest.fixture
def preview(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `manage.py preview …` in a process of its own, without a database."""

    def run(*arguments: str):
        return manage("preview", *arguments, OUTPUT_DIR=str(tmp_path / "unused"))

    return run


@pytest.fixture
def called(capsys) -> Callable[..., str]:
    """Run the command here, beside the test's database; return what it prints."""

    def run(*arguments: str) -> str:
        call_command("preview", *arguments)
        return capsys.readouterr().out

    return run


def test_it_needs_neither_database_nor_kind(provider, preview):
    done = preview(provider.url("good").rstrip("/"))
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == f"{NAME}: {provider.url('good')}"
    assert lines[1].startswith("  because the page lists 5 records")
    assert lines[2] == "  server Apache"
    assert "Found 24 records" in lines
    assert any(line.startswith("Sample of 10, in ") for line in lines)


def test_json_has_all_of_it(db, provider, called):
    told = json.loads(called(provider.url("broken"), "--json"))
    assert (told["kind"], told["found"], told["is_all"]) == ("WAF", 19, True)
    assert told["detection"]["tried"][0]["url"] == provider.url("broken")
    assert len(told["sample"]) == 10
    assert {"title", "identifier", "errors", "name"} <= set(told["sample"][0])
    assert told["changes"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give a URL, or --source NAME|ID."),
        (("me@example.org",), "is an e-mail address"),
        (("http://me:secret@h.org/",), "access settings"),
        (("http://h.org/", "--seconds", "0"), "--seconds must be from 1 to 3600."),
    ],
)
def test_bad_usage_is_one_sentence_and_status_2(called, arguments, message):
    with pytest.raises(Usage) as caught:
        called(*arguments)
    told = str(caught.value)
    assert caught.value.returncode == 2
    assert message in told
    assert "secret" not in told
    assert len(told.splitlines()) == 1


def test_a_process_of_its_own_says_so_too(preview):
    done = preview("me@example.org")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: me@example.org is an e-mail address")
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_leads_to_nothing_shows_what_was_tried_and_status_1(provider, preview):
    done = preview(provider.url("gone"))
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: Found nothing to harvest at ")
    assert f"  {provider.url('gone')}: the server answered 404" in done.stdout


def test_what_was_tried_is_in_the_json_too(provider, called, capsys):
    with pytest.raises(Failed, match="Found nothing to harvest"):
        called(provider.url("gone"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["tried"][0]["url"] == provider.url("gone")
    with pytest.raises(Failed):
        called(provider.url("gone"))
    assert capsys.readouterr().out.startswith("Tried:\n")


def test_reason_server_software_and_findings_are_shown(provider, called):
    with running() as web:
        web.folder("/waf/", "a.xml")
        web.answers["/waf/a.xml"] = Answer("<a/>", "text/xml")
        told = called(web.url("/waf/"))
    assert "  because the page lists 1 records and 0 folders" in told
    assert "  server BaseHTTP/" in told
    assert "Found 1 record\n" in told
    assert f"  failed      {web.url('/waf/a.xml')}\n" in told


def test_software_that_the_server_does_not_name_is_shown(called):
    with misbehaving.server() as server:
        told = called(server.url("gaps/"))
    assert "  server [2JIIS\n" in told
    with misbehaving.server() as server:
        told = called(server.url("apache/"))
    assert "  software Apache 2.4\n" in told


def test_records_that_cannot_be_had_are_counted(called, monkeypatch):
    broken = RemoteRecord("http://h/a", "a.xml", problem="The server cut it short.")
    kind = replace(SOURCES["WAF"], gather=lambda *_: iter([broken]))
    monkeypatch.setitem(SOURCES, "WAF", kind)
    told = called("http://h.org/", "-t", "waf")
    assert "Found 1 record, 1 of them cannot be had" in told
    assert "      The server cut it short." in told


def test_nothing_found_is_said_without_a_sample(provider, called, capsys):
    with pytest.raises(Failed, match="403"):
        called(provider.url("forbidden"), "-t", "waf")
    assert "Sample" not in capsys.readouterr().out


def test_a_source_that_cannot_be_read_is_status_1(provider, called, capsys):
    with pytest.raises(Failed, match="^Could not fetch ") as caught:
        called(provider.url("forbidden"), "-t", "waf")
    assert caught.value.returncode == 1
    assert "Found 0 records" in capsys.readouterr().out


def test_a_limit_of_time_is_told(called):
    with (
        misbehaving.server() as server,
        pytest.raises(Failed, match=r"showed no record in 0\.6 of 1 seconds"),
    ):
        called(server.url("hang"), "-t", "waf", "--seconds", "1")


@pytest.mark.django_db(transaction=True)
def test_it_tells_what_the_next_harvest_of_a_source_would_change(
    site, source_of, called
):
    path, url = site
    add_records(path, 12)
    jobs.run_now(source_of(url, name="Ours"))
    (path / "r0000.xml").unlink()
    (path / "new.xml").write_bytes(record("new"))
    lines = called("--source", "Ours").splitlines()
    assert "A harvest now:" in lines
    assert "  1 would be added" in lines
    assert "  11 are as they were" in lines
    assert "  1 would be removed" in lines
    assert f"      {url}new.xml → " in "\n".join(lines)
    assert "  At most 5 of the 12 published records may go in one harvest." in lines


@pytest.mark.django_db(transaction=True)
def test_a_listing_with_gaps_would_remove_nothing(site, source_of, called):
    path, url = site
    add_records(path, 3)
    source_of(url, name="Ours", exclude="r0000*")
    (path / "broken-1").mkdir()
    told = called("--source", "Ours")
    assert "Found at least 2 records, 1 more left out by the source's patterns" in told
    assert "A harvest now (of what was listed until then):" in told
    assert "Nothing would be removed, because the listing could not be read" in told


@pytest.mark.django_db(transaction=True)
def test_changes_are_in_the_json_too(good, called):
    jobs.run_now(good)
    changes = json.loads(called("--source", "Good", "--json"))["changes"]
    assert (changes["published"], changes["is_removing"]) == (24, True)
    assert sum(changes["counts"].values()) == 24


@pytest.mark.django_db(transaction=True)
def test_a_cut_listing_leaves_open_what_would_go(source_of, called):
    with misbehaving.server() as server:
        source_of(server.url("gaps/"), name="Stuck")
        told = called("--source", "Stuck", "--seconds", "1.5")
    assert "What would be removed is unknown" in told


def test_a_long_title_is_cut_with_a_sign(db, site, called):
    path, url = site
    (path / "a.xml").write_bytes(record("a", title="Weather, " * 7))
    (path / "b.xml").write_bytes(record("b", title="W" * 60))
    told = called(url, "--type", "waf").splitlines()
    assert f"  added       {'Weather, ' * 6}Weath…" in told
    assert f"  added       {'W' * 60}" in told


@pytest.mark.django_db(transaction=True)
def test_a_taken_name_is_shown(site, source_of, called):
    path, url = site
    add_records(path / "a", 1)
    jobs.run_now(source_of(f"{url}a/", name="Inner"))
    source_of(url, name="Outer")
    assert " is taken)" in called("--source", "Outer")


@pytest.mark.django_db(transaction=True)
def test_a_source_that_is_not_there_or_not_one_is_bad_usage(source_of):
    with pytest.raises(CommandError, match="There is no source 'Nobody'"):
        call_command("preview", "--source", "Nobody")
    for number in range(2):
        source_of(f"http://h.org/{number}", name="Twin")
    with pytest.raises(CommandError, match="Several sources are named 'Twin'"):
        call_command("preview", "--source", "Twin")


@pytest.mark.django_db(transaction=True)
def test_settings_of_a_source_that_cannot_be_used_are_told(good):
    type(good).objects.filter(pk=good.pk).update(bbox="everywhere")
    with pytest.raises(CommandError, match="bounding box"):
        call_command("preview", "--source", "Good")
