"""Each way in which a predecessor's document may be other than it should be."""

import os
from pathlib import Path

import pytest
from bson import DatetimeMS, ObjectId

from harvests import jobs
from harvests.models import HarvestRecord, HarvestSource, Organization
from tests.folders import record
from tests.old_registry import keep
from tests.test_moving import files, move, point

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://x.org/waf/"


@pytest.fixture
def ioos(registry) -> str:
    return registry.organization("IOOS")


def source() -> HarvestSource:
    return HarvestSource.objects.get()


def sources() -> list[HarvestSource]:
    return list(HarvestSource.objects.order_by("name"))


def test_ids_may_be_object_ids(registry):
    keys = [ObjectId() for _each in range(3)]
    registry.organization("IOOS", _id=keys[0])
    registry.harvest(URL, _id=keys[1])
    registry.record(keys[1], f"{URL}a.xml", record("a"), _id="a text of 17 char")
    registry.record(str(keys[1]), f"{URL}b.xml", record("b"), _id=keys[2])
    move(registry)
    assert Organization.objects.get().pk == str(keys[0])
    assert source().pk == str(keys[1])
    found = set(HarvestRecord.objects.values_list("pk", flat=True))
    assert found == {"a text of 17 char", str(keys[2])}


@pytest.mark.usefixtures("ioos")
def test_words_that_stand_for_the_time_of_a_harvest(registry):
    for word in ("pending", "harvesting", "deleting"):
        registry.harvest(f"{URL}{word}", name=word, last_harvest_dt=word)
    told = move(registry)
    assert set(
        HarvestSource.objects.values_list("last_harvest_dt", "publish", "name")
    ) == {
        (None, True, "pending"),
        (None, True, "harvesting"),
        (None, False, "deleting"),
    }
    assert "source “deleting”: it is not published" in told


@pytest.mark.usefixtures("ioos")
def test_odd_values_of_a_source_are_mended_and_told(registry):
    odd = {"harvest_interval": 0, "harvest_type": "sos", "harvest_contact": "nobody"}
    registry.harvest(URL, name=None, last_harvest_status="?", **odd)
    registry.harvest(f"{URL}2", harvest_interval=-3, harvest_type=None)
    registry.harvest(f"{URL}3", harvest_interval="7", publish="yes")
    told = move(registry)
    first, second, third = HarvestSource.objects.order_by("url")
    assert (first.name, first.harvest_type, first.publish) == (URL, "SOS", False)
    assert (first.harvest_interval, first.harvest_contact) == (1, "")
    assert (second.harvest_type, second.harvest_interval) == ("WAF", 1)
    assert (third.harvest_interval, third.publish) == (1, False)
    assert "no kind is called SOS" in told
    assert "“nobody” was left out" in told
    assert "its interval of -3 days is 1 day now" in told


@pytest.mark.usefixtures("ioos")
@pytest.mark.parametrize(
    "url",
    ["ftp://x.org/", "http://ann:secret@x.org/", "", None, "http://x/" + "a" * 700],
)
def test_a_source_that_cannot_be_harvested_is_left(registry, url):
    key = registry.harvest(url, name="Odd")
    registry.record(key, f"{URL}a.xml", record("a"))
    told = move(registry)
    assert not HarvestSource.objects.exists()
    assert f"Left source “Odd” ({key}): its URL cannot be harvested" in told
    assert f"Left 1 records of harvest {key}" in told
    assert "secret@" not in told


@pytest.mark.usefixtures("ioos")
def test_of_two_harvests_of_one_url_the_published_one_is_taken(registry):
    old = registry.harvest(URL, name="Old", publish=False, _id="0000000000000000a")
    new = registry.harvest(URL, name="New")
    registry.record(old, f"{URL}a.xml", record("a"))
    registry.record(new, f"{URL}a.xml", record("a"))
    told = move(registry)
    assert source().pk == new
    assert HarvestRecord.objects.count() == 1
    assert f"Left source “Old” ({old}): “New” has the same URL, {URL}." in told
    assert f"Left 1 records of harvest {old}: that is not here." in told


def test_an_organization_that_is_missing_is_made(registry):
    registry.harvest(URL, "Forgotten")
    told = move(registry)
    assert source().organization.name == "Forgotten"
    assert "organization “Forgotten” was made" in told
    assert "Note" not in move(registry)


def test_an_organization_whose_name_is_no_folder_gets_one(registry, output_dir):
    key = registry.organization("A/B?", logo_url="nonsense")
    registry.organization("A-B-")
    harvest = registry.harvest(URL, "A/B?")
    file = registry.record(harvest, f"{URL}a.xml", record("a"))
    told = move(registry, "--waf", str(registry.waf))
    name = Organization.objects.get(pk=key).name
    assert (output_dir / name / file.name).read_bytes() == record("a")
    assert f"organization “A/B?” is named “{name}”" in told
    assert "logo_url “nonsense”" in told
    assert "1 taken        1 here" not in move(registry)


def test_files_in_the_folder_of_a_former_name_are_found(registry, ioos, output_dir):
    harvest = registry.harvest(URL)
    file = registry.record(harvest, f"{URL}a.xml", record("a"))
    (registry.waf / "IOOS").rename(registry.waf / "Old")
    location = f"/data/waf/Old/{file.name}"
    registry.database["Records"].update_one({}, {"$set": {"location": location}})
    told = move(registry, "--waf", str(registry.waf))
    assert (output_dir / "IOOS" / file.name).exists()
    assert "files of folder “Old” are in “IOOS” now" in told
    assert "belongs to no record" not in told


def test_an_old_ckan_source_of_a_harvest_counts_where_there_is_no_other(registry):
    registry.organization("IOOS")
    registry.organization("GLOS", ckan_harvest_url="http://ckan/harvest/glos")
    for name in ("IOOS", "GLOS"):
        url = f"http://ckan/harvest/{name}-old"
        registry.harvest(f"{URL}{name}", name, ckan_harvest_url=url)
    told = move(registry)
    kept = dict(HarvestSource.objects.values_list("organization", "ckan_harvest_url"))
    assert kept == {"IOOS": "http://ckan/harvest/IOOS-old", "GLOS": ""}
    assert "its old CKAN source http://ckan/harvest/GLOS-old was left out" in told


@pytest.mark.usefixtures("ioos")
def test_records_of_malformed_xml_are_left_with_their_files(registry):
    harvest = registry.harvest(URL)
    registry.malformed(harvest, "http://waf.example.org/IOOS/bad.xml")
    keep(registry.waf / "IOOS" / "bad.xml", b"<gmd:MD_Metadata")
    told = move(registry, "--waf", str(registry.waf))
    assert "because its XML was malformed" in told
    assert f"{registry.waf}/IOOS/bad.xml: it belongs to no record" in told
    assert not HarvestRecord.objects.exists()


@pytest.mark.usefixtures("ioos")
def test_odd_values_of_a_record_are_mended(registry):
    registry.record(
        registry.harvest(URL),
        f"{URL}a.xml",
        record("a"),
        title=None,
        metadata_date=None,
        metadata_data="2020-01-01",
        services=["wms", {"service_type": 5, "service_url": "http://x/wms"}],
        validation_errors=["XML Syntax Error", {"line_number": "?", "error": "Odd"}, 5],
        update_time=DatetimeMS(2**60),
        file_id=7,
    )
    move(registry)
    row = HarvestRecord.objects.get()
    assert (row.title, row.metadata_date, row.file_id) == ("", "2020-01-01", None)
    assert row.services == [{"service_type": "", "service_url": "http://x/wms"}]
    assert [f["error"] for f in row.findings] == ["XML Syntax Error", "Odd"]
    assert (row.error_count, row.trouble, source().last_bad_count) == (2, 2, 1)


@pytest.mark.usefixtures("ioos")
def test_an_invalid_geometry_took_its_address_but_not_its_file(registry, output_dir):
    harvest = registry.harvest(URL)
    file = registry.record(harvest, f"{URL}a.xml", record("a"), record_url=None)
    move(registry, "--waf", str(registry.waf))
    row = HarvestRecord.objects.get()
    assert row.record_url == f"http://waf.example.org/IOOS/{file.name}"
    assert (output_dir / "IOOS" / file.name).exists()


@pytest.mark.usefixtures("ioos")
def test_two_records_of_one_url_are_one(registry):
    harvest = registry.harvest(URL)
    for _twice in range(2):
        registry.record(harvest, f"{URL}a.xml", record("a"))
    told = move(registry)
    assert HarvestRecord.objects.count() == 1
    assert "records               1 taken        0 here already        1 left" in told


@pytest.mark.usefixtures("ioos")
def test_two_records_of_one_file_keep_apart(registry, site, output_dir, counts):
    """The predecessor let the second ERDDAP of an organization overwrite the first."""
    path, url = site
    for name in ("a", "b"):
        (path / name).mkdir()
        (path / name / "x.xml").write_bytes(record(name))
        harvest = registry.harvest(f"{url}{name}/", name=name)
        where = {"name": "x.xml", "file_id": name}
        registry.record(harvest, f"{url}{name}/x.xml", record(name), **where)
    before = files(registry.waf)
    told = move(registry, "--waf", str(registry.waf))
    assert "a/x.xml loses the file name 'x.xml': that file holds another" in told
    done = {found.name: counts(jobs.run_now(found)) for found in sources()}
    assert done == {"a": {"added": 1}, "b": {"unchanged": 1}}
    after = files(output_dir)
    assert len(after) == 2
    assert after["IOOS/x.xml"] == before["IOOS/x.xml"]


@pytest.mark.usefixtures("ioos")
def test_a_file_name_goes_to_the_first_record_that_has_it(registry):
    harvest = registry.harvest(URL)
    for name in ("a", "b"):
        registry.record(harvest, f"{URL}{name}.xml", record("same"), name="x.xml")
    told = move(registry, "--waf", str(registry.waf))
    assert "b.xml loses the file name 'x.xml': another record has it" in told
    names = dict(HarvestRecord.objects.values_list("url", "file_name"))
    assert names == {f"{URL}a.xml": "x.xml", f"{URL}b.xml": ""}
    assert "files                 1 taken" in told


@pytest.mark.usefixtures("ioos")
def test_a_file_that_is_not_what_was_last_fetched_is_put_right(
    registry, site, counts, output_dir
):
    """The old worker was killed between a file and its record, or before that."""
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    file = registry.record(registry.harvest(url), f"{url}a.xml", record("a"))
    keep(file, record("a", title="Another state"))
    move(registry, "--waf", str(registry.waf))
    jobs.run_now(source())
    assert b"Another state" not in (output_dir / "IOOS" / file.name).read_bytes()


@pytest.mark.usefixtures("ioos")
def test_an_error_page_is_not_adopted(registry, site, counts, output_dir):
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    file = registry.record(registry.harvest(url), f"{url}a.xml", record("a"))
    keep(file, b"<html><body>404 Not Found</body></html>")
    told = move(registry, "--waf", str(registry.waf))
    assert f"Left file {file}: it holds no record" in told
    assert counts(jobs.run_now(source())) == {"changed": 1}
    assert [Path(name).name for name in files(output_dir)] == [file.name]


@pytest.mark.usefixtures("ioos")
def test_names_and_links_that_escape_are_not_followed(registry, tmp_path, output_dir):
    secret = tmp_path / "secret"
    keep(secret / "s.xml", record("secret"))
    harvest = registry.harvest(URL)
    for number, place in enumerate(("/waf/../../secret", "/waf/IOOS/..", str(secret))):
        where = {"location": f"{place}/s.xml", "record_url": None}
        registry.record(
            harvest, f"{URL}{number}.xml", point("a"), name="t.xml", **where
        )
    link = registry.record(harvest, f"{URL}l.xml", record("secret"), name="l.xml")
    link.unlink()
    link.symlink_to(secret / "s.xml")
    pipe = registry.record(harvest, f"{URL}p.xml", record("secret"), name="p.xml")
    pipe.unlink()
    os.mkfifo(pipe)
    registry.record(harvest, f"{URL}d.xml", record("d"), location="/waf/IOOS/.h.xml")
    (registry.waf / "IOOS" / "s.xml").unlink(missing_ok=True)
    (registry.waf / "away").symlink_to(secret)
    told = move(registry, "--waf", str(registry.waf))
    assert files(output_dir) == {}
    assert "it is no ordinary file" in told
    assert "loses the file name '.h.xml': it is unfit" in told


@pytest.mark.usefixtures("ioos")
def test_a_file_that_is_not_there_is_published_anew_under_its_name(
    registry, site, counts, output_dir
):
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    harvest = registry.harvest(url)
    registry.record(harvest, f"{url}a.xml", record("a"), name="mine.xml").unlink()
    told = move(registry, "--waf", str(registry.waf))
    assert "mine.xml: it is not there" in told
    assert counts(jobs.run_now(source())) == {"changed": 1}
    assert list(files(output_dir)) == ["IOOS/mine.xml"]
