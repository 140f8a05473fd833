"""What is no registry, or half of one: a sentence each, and nothing is lost."""

import pymongo
import pytest
from django.core.management import CommandError

from harvests.embedded import free_port
from harvests.models import HarvestRecord, HarvestSource, Organization
from tests.folders import record
from tests.roles import everything
from tests.test_moving import move

pytestmark = pytest.mark.django_db

URL = "http://x.org/waf/"


@pytest.fixture
def failure(registry):
    """Run the command with another address; return the error and exit status."""

    def of(url: str = "", *arguments: str) -> tuple[str, int]:
        registry.url = url or registry.url
        before = everything()
        with pytest.raises(CommandError) as caught:
            move(registry, *arguments)
        assert everything() == before
        return str(caught.value), caught.value.returncode

    return of


def test_a_server_that_does_not_answer(failure):
    at = f"127.0.0.1:{free_port()}"
    url = f"mongodb://ann:secret@{at}/registry?serverSelectionTimeoutMS=100"
    sentence, status = failure(url)
    assert status == 1
    assert f"The registry at {at} cannot be read" in sentence
    assert "secret" not in sentence


def test_what_is_no_address_of_a_database(failure):
    for url in ("http://x.org/", "mongodb://x.org:many/db", "mongodb://x.org", "x"):
        sentence, status = failure(url)
        assert status == 2, url
        assert "mongodb://HOST[:PORT]/DATABASE" in sentence, url


def test_a_database_of_something_else(registry, failure):
    with pymongo.MongoClient(registry.url) as client:
        name = f"{registry.database.name}-other"
        url = registry.url.replace(registry.database.name, name)
        sentence, status = failure(url)
        assert status == 1
        assert "no collection Harvests (it is empty)" in sentence
        client[name]["parrots"].insert_one({})
        assert "no collection Harvests (parrots)" in failure(url)[0]
        client.drop_database(name)


def test_the_database_of_this_site_itself(registry, failure):
    registry.database.create_collection("django_migrations")
    registry.organization("IOOS")
    sentence, status = failure()
    registry.database.drop_collection("django_migrations")
    assert status == 1
    assert "is the database of a Catalog Harvesting site" in sentence
    assert registry.database["Organizations"].count_documents({}) == 1


def test_half_the_collections_are_missing(registry):
    harvest = registry.harvest(URL)
    registry.record(harvest, f"{URL}a.xml", record("a"))
    for name in ("Organizations", "users"):
        registry.database.drop_collection(name)
    told = move(registry)
    assert HarvestSource.objects.get().organization_id == "IOOS"
    assert HarvestRecord.objects.count() == 1
    assert "the registry has no collection Organizations" in told
    assert "the registry has no collection users" in told


def test_records_whose_harvest_is_gone_are_counted(registry):
    for number in range(3):
        registry.record("gone", f"{URL}{number}.xml", record("a"))
    told = move(registry)
    assert "Left 3 records of harvest gone: that is not here." in told
    assert "records               0 taken        0 here already        3 left" in told


def test_organizations_without_a_name_or_with_one_twice(registry):
    registry.organization("")
    registry.organization("IOOS", url="http://ioos.us/", _id="1")
    registry.organization("IOOS", _id="2")
    told = move(registry)
    assert Organization.objects.get().url == "http://ioos.us/"
    assert "Left an organization “IOOS”: another one has that name" in told
    assert "it has no name" in told


@pytest.mark.usefixtures("registry")
def test_a_folder_that_is_not_there_or_is_a_file(failure, tmp_path):
    sentence, status = failure("", "--waf", str(tmp_path / "none"))
    assert (status, "is no folder" in sentence) == (2, True)
    (tmp_path / "file").touch()
    assert "is no folder" in failure("", "--waf", str(tmp_path / "file"))[0]


def test_files_that_are_none_or_too_large(registry, settings):
    settings.MAX_RECORD_BYTES = 1000
    registry.organization("IOOS")
    harvest = registry.harvest(URL)
    file = registry.record(harvest, f"{URL}a.xml", record("a"))
    file.unlink()
    file.mkdir()
    large = registry.record(harvest, f"{URL}b.xml", record("b"))
    told = move(registry, "--waf", str(registry.waf))
    assert f"Left file {file}: it cannot be read: Is a directory." in told
    assert f"Left file {large}: it is larger than MAX_RECORD_BYTES." in told
    assert set(HarvestRecord.objects.values_list("sha256", flat=True)) == {""}


def test_a_source_registered_here_before_stays(registry, source_of):
    mine = source_of(URL, name="Mine")
    harvest = registry.harvest(URL, "Ocean Institute")
    registry.record(harvest, f"{URL}a.xml", record("a"))
    told = move(registry)
    assert HarvestSource.objects.get() == mine
    assert "“Mine” has its URL here already" in told
    assert not HarvestRecord.objects.exists()
