"""The central WAF for programs: lists, sitemaps, a feed, an archive, a badge."""

import datetime as dt
import hashlib
import io
import json
import os
import re
import threading
import time
import zipfile

import pytest
from django.utils import timezone
from lxml import etree

from harvests import archive, badges, conf, published, waf_lists
from harvests.models import (
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    TrashedRecord,
)
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Plan

pytestmark = pytest.mark.django_db

BODY = b"<gmd:MD_Metadata/>"
NAMES = ("a.xml", "b c.xml", "\u00e9&<x>.xml")
WHEN = dt.datetime(2025, 10, 2, 11, 47, 33, tzinfo=dt.UTC)
HOUR = 3600
ROOT = "http://waf.example.org/"
FOLDER = f"{ROOT}Ocean%20Institute/"
LISTS = {
    "index.json": "application/json",
    "records.zip": "application/zip",
    "changes.atom": "application/atom+xml",
}
ATOM = {"a": "http://www.w3.org/2005/Atom"} | {
    "at": "http://purl.org/atompub/tombstones/1.0"
}


@pytest.fixture
def source(source_of) -> HarvestSource:
    return source_of("https://example.org/", name="Buoys", last_record_count=4)


@pytest.fixture
def stored(source, folder) -> HarvestSource:
    """A source with three published records, an hour old, and one that never was."""
    for number, name in enumerate(NAMES):
        folder.stage(name, BODY)
        HarvestRecord.objects.create(
            source=source,
            url=f"https://example.org/{number}.xml",
            title=f"Buoy {number}",
            file_name=name,
            file_id=f"id-{number}",
            metadata_date="2020-01-02",
            sha256=hashlib.sha256(BODY).hexdigest(),
            size=len(BODY),
            file_mtime=int(WHEN.timestamp() * 1e9),
        )
    folder.commit()
    HarvestRecord.objects.create(source=source, url="https://example.org/bad.xml")
    age(folder)
    return source


def age(folder) -> None:
    """Let the folder be as if nothing had happened to it for an hour."""
    for name in folder.names():
        os.utime(folder.path_of(name), (WHEN.timestamp(), WHEN.timestamp()))
    os.utime(folder.path, (time.time() - HOUR, time.time() - HOUR))


def ended(source, **counters) -> HarvestJob:
    when = timezone.now() - dt.timedelta(hours=2)
    return HarvestJob.objects.create(
        source=source, status="finished", date=when, finished=when, **counters
    )


def got(client, name: str, **headers: str) -> bytes:
    answer = client.get(f"/waf/{name}", headers=headers)
    assert answer.status_code == 200
    return answer.getvalue()


def test_the_index_tells_of_each_record_what_a_program_needs(client, stored):
    found = json.loads(got(client, "Ocean%20Institute/index.json"))
    assert (found["organization"], found["url"]) == ("Ocean Institute", FOLDER)
    assert [each["name"] for each in found["records"]] == list(NAMES)
    assert found["records"][1] == {
        "name": "b c.xml",
        "url": f"{FOLDER}b%20c.xml",
        "identifier": "id-1",
        "date_stamp": "2020-01-02",
        "source_url": "https://example.org/1.xml",
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "size": len(BODY),
        "changed": "2025-10-02T11:47:33+00:00",
    }


def test_the_index_of_an_organization_without_records_is_an_empty_one(client, source):
    found = json.loads(got(client, "Ocean%20Institute/index.json"))
    assert (found["records"], found["changed"]) == ([], None)


def test_the_root_lists_the_organizations(client, stored):
    found = json.loads(got(client, "index.json"))
    assert found["sitemap.xml"] == f"{ROOT}sitemap.xml"
    assert found["folders"] == [
        {
            "organization": "Ocean Institute",
            "url": FOLDER,
            "index": f"{FOLDER}index.json",
            "changes": f"{FOLDER}changes.atom",
            "archive": f"{FOLDER}records.zip",
            "records": 4,
        }
    ]


def test_portions_leave_nothing_out_and_nothing_twice(client, stored, monkeypatch):
    monkeypatch.setattr(published, "PORTION", 2)
    found = json.loads(got(client, "Ocean%20Institute/index.json"))
    assert [each["name"] for each in found["records"]] == list(NAMES)


def test_a_sitemap_is_split(client, stored, monkeypatch):
    monkeypatch.setattr(waf_lists, "SITEMAP", 2)
    index = etree.fromstring(got(client, "sitemap.xml"))
    parts = [place.text.removeprefix(ROOT) for place in index.iterfind(".//{*}loc")]
    assert len(parts) == 2
    pages = [etree.fromstring(got(client, part)) for part in parts]
    places = [[loc.text for loc in page.iterfind(".//{*}loc")] for page in pages]
    assert [len(part) for part in places] == [2, 1]
    assert places[0] == [f"{FOLDER}a.xml", f"{FOLDER}b%20c.xml"]
    assert pages[0].findtext(".//{*}lastmod") == "2025-10-02T11:47:33+00:00"


def test_our_own_harvester_reads_the_sitemap(live_server, stored, settings):
    settings.WAF_URL_ROOT = f"{live_server.url}/waf/"
    fetcher = conf.fetcher(threading.Event())
    plan = Plan("URL-LIST", f"{live_server.url}/waf/sitemap.xml")
    found = list(SOURCES["URL-LIST"].gather(plan, fetcher))
    fetcher.close()
    assert len(found) == 3


def test_the_feed_tells_what_came_and_what_went(client, stored):
    job = ended(stored, added=1, changed=1)
    for outcome, name in (("added", NAMES[2]), ("changed", "a.xml"), ("failed", "")):
        HarvestOutcome.objects.create(
            job=job,
            url=f"https://example.org/{name}",
            outcome=outcome,
            title="Bu\x01oy <b>",
            file_name=name,
        )
    TrashedRecord.objects.create(
        source=stored, url="https://example.org/9.xml", file_name="9.xml", row={}
    )
    feed = etree.fromstring(got(client, "Ocean%20Institute/changes.atom"))
    entries = feed.findall("a:entry", ATOM)
    places = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert places == [f"{FOLDER}%C3%A9%26%3Cx%3E.xml", f"{FOLDER}a.xml"]
    assert entries[0].findtext("a:title", namespaces=ATOM) == "Buoy <b>"
    gone = feed.find("at:deleted-entry", ATOM)
    assert gone.get("ref") == f"{FOLDER}9.xml"
    assert got(client, "changes.atom").count(b"<entry>") == 2


def test_of_two_changes_the_feed_tells_the_last(client, stored):
    for outcome in ("added", "changed"):
        job = ended(stored, **{outcome: 1})
        HarvestOutcome.objects.create(
            job=job, url="https://example.org/0.xml", outcome=outcome, file_name="a.xml"
        )
    feed = etree.fromstring(got(client, "changes.atom"))
    assert [each.get("term") for each in feed.iterfind(".//a:category", ATOM)] == [
        "changed"
    ]


def test_the_archive_holds_the_files_as_they_are(client, stored, folder):
    folder.path_of("a.xml").unlink()
    data = io.BytesIO(got(client, "Ocean%20Institute/records.zip"))
    with zipfile.ZipFile(data) as found:
        assert found.testzip() is None
        assert found.namelist() == [f"Ocean Institute/{name}" for name in NAMES[1:]]
        assert found.read(f"Ocean Institute/{NAMES[2]}") == BODY
        assert found.infolist()[0].date_time == (2025, 10, 2, 11, 47, 32)


def test_odd_files_do_not_end_the_archive(client, stored, folder):
    """One dated after what the format knows, and one that is a folder."""
    os.utime(folder.path_of(NAMES[0]), (4.4e9, 4.4e9))
    folder.path_of(NAMES[1]).unlink()
    folder.path_of(NAMES[1]).mkdir()
    data = io.BytesIO(got(client, "Ocean%20Institute/records.zip"))
    with zipfile.ZipFile(data) as found:
        assert len(found.namelist()) == 2
        assert found.infolist()[0].date_time == archive.NEWEST


def test_a_sitemap_has_no_part_before_the_first(client, stored):
    assert client.get(f"/waf/sitemap-{stored.pk}-0.xml").status_code == 404


def test_an_archive_that_nobody_reads_to_its_end_is_closed(stored, monkeypatch):
    monkeypatch.setattr(archive, "BLOCK", 1)
    started = archive.of_folder("Ocean Institute", NAMES)
    assert next(started)
    started.close()


@pytest.mark.parametrize("name", LISTS)
def test_what_did_not_change_is_not_sent_again(client, stored, name):
    ended(stored, added=3)
    url = f"/waf/Ocean%20Institute/{name}"
    first = client.head(url)
    assert first["Content-Type"].startswith(LISTS[name])
    asked = {"If-None-Match": first["ETag"]}
    ended(stored)  # it found nothing new
    assert client.get(url, headers=asked).status_code == 304
    assert first.content == b""


def test_a_date_is_enough_to_ask_whether_something_changed(client, stored):
    url = "/waf/Ocean%20Institute/index.json"
    asked = {"If-Modified-Since": client.head(url)["Last-Modified"]}
    assert client.get(url, headers=asked).status_code == 304


def test_another_job_file_or_time_is_another_version(stored, folder):
    tags = {published.version_of("Ocean Institute").tag}
    ended(stored, changed=1)
    tags.add(published.version_of("Ocean Institute").tag)
    os.utime(folder.path, (time.time() - HOUR - 1, time.time() - HOUR - 1))
    tags.add(published.version_of("Ocean Institute").tag)
    assert len(tags) == 3


def test_while_rows_are_written_nothing_can_be_told_from_the_next(
    client, stored, folder
):
    job = HarvestJob.objects.start_for(stored)
    url = "/waf/Ocean%20Institute/index.json"
    assert "ETag" not in client.head(url)
    job.end("cancelled")
    assert "ETag" in client.head(url)
    folder.path_of("a.xml").unlink()
    assert "ETag" not in client.head(url)


@pytest.mark.parametrize("name", [*LISTS, "sitemap-nothing-1.xml"])
def test_of_what_is_not_there_nothing_is_told(client, db, name, output_dir):
    folder = "" if name.startswith("sitemap") else "nobody/"
    assert client.get(f"/waf/{folder}{name}").status_code == 404
    assert not output_dir.exists()


def test_the_html_index_leads_programs_there_by_a_header(client, stored):
    answer = client.get("/waf/Ocean%20Institute/")
    page = answer.getvalue().decode()
    assert page.count("href") == 4
    assert "index.json" not in page
    assert '<index.json>; rel="alternate"' in answer["Link"]


@pytest.mark.parametrize(
    ("fields", "said", "colour"),
    [
        pytest.param({}, "not harvested yet", "#57606a", id="never"),
        pytest.param({"status": "ok"}, "ok: 4 records", "#15803d", id="ok"),
        pytest.param(
            {"status": "ok", "bad": 2},
            "ok: 4 records, 2 with problems",
            "#15803d",
            id="errors",
        ),
        pytest.param({"status": "fail"}, "failing: 4 records", "#b91c1c", id="failing"),
    ],
)
def test_a_badge_says_how_a_source_is_doing(client, source, fields, said, colour):
    source.last_harvest_status = fields.get("status")
    source.last_bad_count = fields.get("bad", 0)
    source.last_message = "secret <reason>"
    source.save()
    answer = client.get(f"/badge/{source.pk}.svg")
    picture = etree.fromstring(answer.content)
    assert picture.get("aria-label") == f"metadata harvest: {said}"
    assert picture.findtext("{*}title") == f"metadata harvest: {said}"
    assert colour in answer.text
    assert "secret" not in answer.text
    assert answer["Cache-Control"] == "public, max-age=300"
    asked = {"If-None-Match": answer["ETag"]}
    assert client.get(f"/badge/{source.pk}.svg", headers=asked).status_code == 304


def test_the_line_for_a_readme_shows_the_badge(client, source, settings):
    settings.SITE_URL = "https://harvest.example.org"
    line = badges.markdown_of(source)
    picture = re.fullmatch(r"\[!\[metadata harvest]\((\S+)\)]\(\S+/about/\)", line)[1]
    assert client.get(picture.removeprefix(settings.SITE_URL)).status_code == 200


def test_there_is_no_badge_of_nothing(client, db):
    assert client.get("/badge/nothing.svg").status_code == 404
