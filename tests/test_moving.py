"""A registry moves in, and the first harvest writes nothing."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from harvests import jobs
from harvests.models import (
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Organization,
    PublishedName,
)
from harvests.pipeline.validators import PIPELINE_REVISION
from tests import csw_server
from tests.folders import record
from tests.old_registry import WRITTEN, OldRegistry
from tests.roles import everything

pytestmark = pytest.mark.django_db(transaction=True)

ERDDAP = "erddap/metadata/iso19115/xml/"
EXTENT = b"""<gmd:extent><gmd:EX_Extent><gmd:geographicElement>
<gmd:EX_GeographicBoundingBox>
<gmd:westBoundLongitude><gco:Decimal>-70.123</gco:Decimal></gmd:westBoundLongitude>
<gmd:eastBoundLongitude><gco:Decimal>-70.123</gco:Decimal></gmd:eastBoundLongitude>
<gmd:southBoundLatitude><gco:Decimal>42</gco:Decimal></gmd:southBoundLatitude>
<gmd:northBoundLatitude><gco:Decimal>42</gco:Decimal></gmd:northBoundLatitude>
</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>
</gmd:MD_DataIdentification>"""
END = b"</gmd:MD_DataIdentification>"


def move(registry: OldRegistry, *arguments: str) -> str:
    """Run the command; return what it prints."""
    out = StringIO()
    call_command("import_registry", registry.url, *arguments, stdout=out)
    return out.getvalue()


def point(identifier: str) -> bytes:
    return record(identifier).replace(END, EXTENT)


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return all that is in a folder: bytes and mtime."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in paths
    }


def fill(registry: OldRegistry, path: Path, url: str) -> None:
    """Publish 500 records of 3 organizations and 6 harvests, as the old worker did."""
    for name in ("IOOS", "Alaska OOS", "GLOS"):
        registry.organization(name, ckan_harvest_url=f"http://ckan/harvest/{name[0]}")
    folders = {
        "one/": ("IOOS", "WAF", 200, record),
        "two/deep/": ("Alaska OOS", "WAF", 100, record),
        "points/": ("GLOS", "WAF", 40, point),
        "latin/": ("GLOS", "WAF", 40, latin),
        ERDDAP: ("IOOS", "ERDDAP-WAF", 100, record),
    }
    for folder, (organization, kind, count, document) in folders.items():
        (path / folder).mkdir(parents=True)
        harvest = registry.harvest(f"{url}{folder}", organization, harvest_type=kind)
        for number in range(count):
            data = document(f"{folder}{number}")
            name = f"r{number}_iso19115.xml"
            (path / folder / name).write_bytes(data)
            old = name if kind == "ERDDAP-WAF" else ""
            registry.record(harvest, f"{url}{folder}{name}", data, name=old)


def check_old_routes(registry: OldRegistry) -> None:
    """Ask as a program does that knows the registry only."""
    found = Client().get("/api/v1/Harvests").json()["data"]
    old = {each["_id"]: each for each in registry.database["Harvests"].find()}
    assert {each["_id"] for each in found} == set(old)
    for each in found:
        names = ("name", "url", "organization", "harvest_type", "publish")
        before = old[each["_id"]]
        assert [each[name] for name in names] == [before[name] for name in names]
        assert each["last_harvest_status"] == "ok"


def latin(identifier: str) -> bytes:
    text = record(identifier, title="Çà et là").decode()
    return text.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")


@pytest.fixture
def catalogue(registry) -> Iterator[csw_server.Server]:
    """A catalogue service of 20 records, kept in the registry; some are points."""
    records = {
        f"org.example/{n}": (point if n % 2 else record)(f"org.example/{n}").partition(
            b"?>\n"
        )[2]
        for n in range(20)
    }
    with csw_server.serving(records) as server:
        harvest = registry.harvest(server.url, "GLOS", harvest_type="CSW")
        for name, data in records.items():
            registry.csw_record(harvest, server.url, name, data)
        yield server


def test_the_first_harvest_after_a_move_writes_nothing(
    registry, site, catalogue, output_dir, counts
):
    with registry.many_records():
        fill(registry, *site)
    before = files(registry.waf)
    told = move(registry, "--waf", str(registry.waf))
    assert "records             500 taken" in told
    assert "files               500 taken" in told
    assert files(registry.waf) == files(output_dir) == before
    sources = HarvestSource.objects.published()
    assert (len(sources), Organization.objects.count()) == (6, 3)
    for source in sources:
        job = jobs.run_now(source)
        assert (job.status, counts(job)) == (
            "finished",
            {"unchanged": source.last_record_count},
        )
    assert files(output_dir) == before
    assert not HarvestOutcome.objects.exists()
    check_old_routes(registry)
    revisions = set(HarvestRecord.objects.values_list("revision", flat=True))
    assert revisions == {PIPELINE_REVISION}


def test_what_changes_at_the_source_is_written_under_the_old_name(
    registry, site, counts, output_dir
):
    path, url = site
    registry.organization("IOOS")
    harvest = registry.harvest(url)
    for name in ("a.xml", "b.xml"):
        (path / name).write_bytes(point(name))
        registry.record(harvest, f"{url}{name}", point(name), name=f"old-{name}")
    move(registry, "--waf", str(registry.waf))
    before = files(output_dir)
    (path / "a.xml").write_bytes(record("a.xml", date="2025-02-02"))
    job = jobs.run_now(HarvestSource.objects.get())
    assert counts(job) == {"changed": 1, "unchanged": 1}
    after = files(output_dir)
    assert set(after) == {"IOOS/old-a.xml", "IOOS/old-b.xml"}
    assert after["IOOS/old-b.xml"] == before["IOOS/old-b.xml"]
    assert b"2025-02-02" in after["IOOS/old-a.xml"][0]


def test_ids_names_and_dates_are_kept(registry, output_dir):
    ioos = registry.organization("IOOS", url="http://ioos.us/", description="Waves")
    key = registry.harvest("http://x.org/waf/", harvest_contact="ann@x.org")
    file = registry.record(key, "http://x.org/waf/a.xml", record("a"), file_id="a")
    move(registry, "--waf", str(registry.waf))
    organization = Organization.objects.get()
    assert (organization.pk, organization.url) == (ioos, "http://ioos.us/")
    source = HarvestSource.objects.get()
    assert (source.pk, source.harvest_contact, source.publish) == (key, "ann@x.org", 1)
    assert (source.last_record_count, source.last_harvest_status) == (1, "ok")
    row = HarvestRecord.objects.get()
    assert row.pk == str(registry.database["Records"].find_one()["_id"])
    assert row.record_url == f"http://waf.example.org/IOOS/{file.name}"
    assert row.location == str(output_dir / "IOOS" / file.name)
    assert Path(row.location).stat().st_mtime == WRITTEN
    assert PublishedName.objects.get(pk=f"IOOS/{file.name}").url == row.url


def test_files_that_are_in_place_stay_as_they_are(registry, settings):
    settings.OUTPUT_DIR = registry.waf
    registry.organization("IOOS")
    key = registry.harvest("http://x.org/waf/")
    registry.record(key, "http://x.org/waf/a.xml", record("a"))
    before = files(registry.waf)
    inode = next(registry.waf.rglob("*.xml")).stat().st_ino
    assert "files                 1 taken" in move(registry)
    assert files(registry.waf) == before
    assert next(registry.waf.rglob("*.xml")).stat().st_ino == inode
    assert HarvestRecord.objects.get().revision == "adopted"


def test_a_dry_run_says_the_same_and_writes_nothing(registry, output_dir):
    registry.organization("IOOS")
    key = registry.harvest("http://x.org/waf/")
    registry.record(key, "http://x.org/waf/a.xml", record("a"))
    registry.record(key, "http://x.org/waf/a.xml", record("a"))
    registry.user("ann@x.org")
    before = everything()
    dry = move(registry, "--waf", str(registry.waf), "--dry-run")
    assert everything() == before
    assert not output_dir.exists()
    told = move(registry, "--waf", str(registry.waf))
    assert dry == f"{told}Dry run: nothing was written.\n"


def test_another_run_changes_nothing_that_a_person_changed(registry):
    registry.organization("IOOS")
    key = registry.harvest("http://x.org/waf/")
    gone = registry.harvest("http://x.org/gone/")
    registry.record(key, "http://x.org/waf/a.xml", record("a"))
    registry.user("ann@x.org")
    move(registry, "--waf", str(registry.waf))
    HarvestSource.objects.filter(pk=key).update(name="Mine", publish=False)
    User.objects.update(is_staff=False, password="another")
    boss = User.objects.create_superuser("boss")
    source = HarvestSource.objects.get(pk=gone)
    LogEntry.objects.log_actions(boss.pk, [source], DELETION, single_object=True)
    source.delete()
    before = everything()
    told = move(registry, "--waf", str(registry.waf))
    assert everything() == before
    assert "somebody deleted it here" in told
    assert "records               0 taken        1 here already" in told


def test_a_run_that_was_stopped_is_finished_by_the_next(registry, settings, tmp_path):
    registry.organization("IOOS")
    key = registry.harvest("http://x.org/waf/")
    registry.record(key, "http://x.org/waf/a.xml", record("a"))
    settings.OUTPUT_DIR = tmp_path / "full"
    settings.OUTPUT_DIR.write_text("not a folder")
    with pytest.raises(CommandError, match="is a file, not a folder"):
        move(registry, "--waf", str(registry.waf))
    source = HarvestSource.objects.get()
    assert (source.publish, "run it again" in source.last_message) == (False, True)
    settings.OUTPUT_DIR.unlink()
    move(registry, "--waf", str(registry.waf))
    source.refresh_from_db()
    assert (source.publish, source.last_message) == (True, "")
    assert HarvestRecord.objects.get().sha256


def test_a_source_that_was_harvested_here_keeps_its_records(registry, site, counts):
    path, url = site
    registry.organization("IOOS")
    key = registry.harvest(url)
    (path / "a.xml").write_bytes(record("a"))
    move(registry)
    jobs.run_now(HarvestSource.objects.get())
    registry.record(key, f"{url}b.xml", record("b"))
    assert "records               0 taken        1 here already" in move(registry)
    assert HarvestRecord.objects.get().url == f"{url}a.xml"


def test_a_forgotten_folder_is_made_up_for(registry, site, counts, output_dir):
    path, url = site
    registry.organization("IOOS")
    key = registry.harvest(url)
    (path / "a.xml").write_bytes(record("a"))
    registry.record(key, f"{url}a.xml", record("a"))
    assert "files                 0 taken" in move(registry)
    before = files(registry.waf)
    told = move(registry, "--waf", str(registry.waf))
    assert "files                 1 taken" in told
    assert counts(jobs.run_now(HarvestSource.objects.get())) == {"unchanged": 1}
    assert files(output_dir) == before
