"""What went wrong in the program we succeed; each test fails on its way of doing it."""

import datetime as dt
import os

import pytest
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestRecord, Organization
from tests.folders import add_records, record

pytestmark = pytest.mark.django_db(transaction=True)

BOX = """<gmd:extent><gmd:EX_Extent><gmd:geographicElement>
<gmd:EX_GeographicBoundingBox>
<gmd:westBoundLongitude><gco:Decimal>-70.5</gco:Decimal></gmd:westBoundLongitude>
<gmd:eastBoundLongitude><gco:Decimal>-70.5</gco:Decimal></gmd:eastBoundLongitude>
<gmd:southBoundLatitude><gco:Decimal>42</gco:Decimal></gmd:southBoundLatitude>
<gmd:northBoundLatitude><gco:Decimal>42</gco:Decimal></gmd:northBoundLatitude>
</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>
"""


def page(path, body: str) -> None:
    (path / "index.html").write_text(f"<html><body>{body}</body></html>")


def test_an_error_page_is_never_saved_as_a_record(site, source_of, folder):
    path, url = site
    add_records(path, 1)
    page(
        path,
        '<a href="r0000.xml">1</a><a href="broken-1/x.xml">2</a><a href="no.xml">3</a>',
    )
    job = jobs.run_now(source_of(url))
    assert (job.added, job.failed) == (1, 2)
    assert len(folder.names()) == 1


def test_a_listing_that_answers_500_removes_nothing_and_is_no_success(
    site, source_of, folder
):
    path, url = site
    add_records(path / "waf", 6)
    source = source_of(f"{url}waf/")
    jobs.run_now(source)
    (path / "waf").rename(path / "broken-1")
    (path / "waf").symlink_to(path / "broken-1")
    source.url = f"{url}broken-1/"
    job = jobs.run_now(source, allow_removals=True)
    source.refresh_from_db()
    assert (job.status, source.last_harvest_status) == ("failed", "fail")
    assert len(folder.names()) == source.records.count() == 6


def test_a_maintenance_page_that_answers_200_removes_nothing(site, source_of, folder):
    path, url = site
    add_records(path, 6)
    source = source_of(url)
    jobs.run_now(source)
    page(path, '<h1>Down for maintenance</h1><a href="mailto:x@y.org">Help</a>')
    job = jobs.run_now(source, allow_removals=True)
    assert job.status == "failed"
    assert len(folder.names()) == 6


def test_links_to_other_sites_are_not_harvested(site, source_of):
    path, url = site
    add_records(path, 1)
    elsewhere = url.replace("127.0.0.1", "127.0.0.2")
    page(path, f'<a href="{elsewhere}r0000.xml">x</a><a href="r0000.xml">y</a>')
    job = jobs.run_now(source_of(url))
    assert (job.num_records, job.failed) == (1, 0)


def test_a_link_may_say_parent(site, source_of):
    path, url = site
    (path / "parent-buoy.xml").write_bytes(record("p"))
    page(path, '<a href="../">Parent</a><a href="parent-buoy.xml">parent buoy</a>')
    assert jobs.run_now(source_of(url)).added == 1


def test_upper_case_extensions_count(site, source_of):
    path, url = site
    (path / "WAVES.XML").write_bytes(record("w"))
    assert jobs.run_now(source_of(url)).added == 1


def test_a_listing_that_links_to_itself_ends(site, source_of):
    path, url = site
    add_records(path, 2)
    (path / "again").symlink_to(path)
    source = source_of(url)
    job = jobs.run_now(source)
    assert (job.status, "deeper" in job.message or "levels" in job.message) == (
        "failed",
        True,
    )
    assert source.records.count() >= 2


def test_rows_are_not_removed_before_the_run(site, source_of):
    path, url = site
    add_records(path, 3)
    source = source_of(url)
    jobs.run_now(source)
    keys = set(source.records.values_list("pk", flat=True))
    page(path, "down")
    jobs.run_now(source)
    assert set(source.records.values_list("pk", flat=True)) == keys


def test_two_sources_never_share_a_file(site, source_of, folder):
    path, url = site
    add_records(path / "a", 2)
    jobs.run_now(source_of(url))
    before = {name: folder.path_of(name).read_bytes() for name in folder.names()}
    (path / "a" / "r0000.xml").write_bytes(record("changed meanwhile"))
    jobs.run_now(source_of(f"{url}a/"))
    assert len(folder.names()) == 4
    assert all(folder.path_of(n).read_bytes() == data for n, data in before.items())


def test_malformed_xml_is_not_on_the_waf(site, source_of, folder):
    path, url = site
    add_records(path, 1)
    (path / "bad.xml").write_bytes(record("bad")[:-30])
    job = jobs.run_now(source_of(url))
    assert (job.added, job.failed) == (1, 1)
    assert len(folder.names()) == 1
    row = HarvestRecord.objects.get(url=f"{url}bad.xml")
    assert "not well-formed" in row.failure["message"]


def test_widening_a_point_loses_no_finding(site, source_of, folder):
    path, url = site
    broken = record("point").replace(
        b"<gmd:language>", BOX.encode() + b"<gmd:language>"
    )
    (path / "point.xml").write_bytes(broken)
    jobs.run_now(source_of(url))
    row = HarvestRecord.objects.get()
    rules = [finding["rule"] for finding in row.findings]
    assert "xsd" in rules
    assert "bbox-zero-area" in rules
    assert row.record_url
    assert b"-70.49999" in folder.path_of(row.file_name).read_bytes()


def test_a_date_with_a_time_is_a_date(site, source_of):
    path, url = site
    stamp = b"<gco:DateTime>2025-01-01T10:00:00Z</gco:DateTime>"
    old = b"<gco:Date>2025-01-01</gco:Date>"
    (path / "t.xml").write_bytes(record("t").replace(old, stamp))
    jobs.run_now(source_of(url))
    assert HarvestRecord.objects.get().metadata_date == "2025-01-01T10:00:00Z"


def test_the_time_of_a_harvest_is_a_time_and_in_utc(site, source_of):
    path, url = site
    add_records(path, 1)
    source = source_of(url)
    jobs.run_now(source)
    source.refresh_from_db()
    assert abs(source.last_harvest_dt - timezone.now()) < dt.timedelta(minutes=1)
    updated = HarvestRecord.objects.get().update_time
    assert abs(updated - timezone.now()) < dt.timedelta(minutes=1)


def test_old_files_of_a_source_that_is_down_stay(site, source_of, folder):
    path, url = site
    add_records(path, 6)
    source = source_of(url)
    jobs.run_now(source)
    for name in folder.names():
        os.utime(folder.path_of(name), (0, 0))
    page(path, "down")
    jobs.run_now(source, clean_stale=True)
    (path / "index.html").unlink()
    assert jobs.run_now(source, clean_stale=True).unchanged == 6
    assert len(folder.names()) == 6


def test_organizations_keep_apart(site, source_of):
    path, url = site
    add_records(path, 1)
    other = Organization.objects.create(name="Other")
    jobs.run_now(source_of(url, organization=other))
    assert HarvestRecord.objects.get().record_url.startswith(
        "http://waf.example.org/Other/"
    )
