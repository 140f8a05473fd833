"""Previews as the site asks for them: settings, sources, and nothing written."""

import time
from pathlib import Path

import pytest
import requests
from django.apps import apps

from harvests import jobs
from harvests.models import HarvestSource, PublishedName
from harvests.pipeline.comparing import Change
from harvests.pipeline.errors import DetectionError, GatherError
from harvests.previews import preview_url
from tests import misbehaving
from tests.folders import add_records

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def untouched(output_dir):
    """Check after the test that no row and no file has come, gone or changed."""
    seen: list[object] = []

    def state() -> object:
        rows = {
            model.__name__: sorted(map(str, model.objects.values_list()))
            for model in apps.get_app_config("harvests").get_models()
        }
        return rows, tree(output_dir)

    def remember() -> None:
        seen.append(state())

    yield remember
    assert seen == [state()]


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (root, *root.rglob("*"))
        if path.exists()
    }


def test_an_address_alone_is_enough(provider, untouched):
    untouched()
    found = preview_url(provider.url("good").rstrip("/"))
    assert (found.kind, found.url) == ("WAF", provider.url("good"))
    assert (found.found, found.is_all, len(found.sample)) == (24, True, 10)
    assert found.detection.server == "Apache"
    assert found.changes is None


def test_a_kind_that_is_given_is_not_detected(provider, untouched):
    untouched()
    found = preview_url(provider.url("good"), kind="WAF")
    assert (found.found, found.detection) == (24, None)
    assert provider.answered["/good/", 200] == 1


def test_a_new_source_would_add_everything(good, untouched):
    untouched()
    found = preview_url("", source=good)
    assert (found.found, found.detection) == (24, None)
    assert found.changes.counts == {Change.ADDED: 24}
    assert {specimen.result for specimen in found.sample} == {"added"}


def test_a_harvested_source_would_change_little(provider, good, folder, untouched):
    jobs.run_now(good)
    requests.post(provider.url("good/touch"), timeout=5)
    untouched()
    found = preview_url(good.url, source=good)
    assert Change.ADDED not in found.changes.counts
    assert Change.REMOVED not in found.changes.counts
    assert sum(found.changes.counts.values()) == 24
    assert found.changes.is_removing
    assert {s.result for s in found.sample} <= {"unchanged", "changed"}
    assert {s.name for s in found.sample} < set(folder.names())
    assert all(s.title for s in found.sample)


def test_removals_that_would_be_held_are_told(provider, shrinking, untouched):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    untouched()
    changes = preview_url("", source=shrinking).changes
    assert (changes.counts[Change.HELD], changes.known, changes.limit) == (36, 40, 8)


def test_a_source_that_is_not_saved_yet_lends_its_wishes(
    provider, organization, untouched
):
    source = HarvestSource(organization=organization, url="", include="*tide*")
    untouched()
    found = preview_url(provider.url("good"), source=source)
    assert 0 < found.found < 24
    assert found.dropped == 24 - found.found
    assert found.changes.counts == {Change.ADDED: found.found}


def test_another_address_for_a_source_is_detected(provider, good, untouched):
    untouched()
    found = preview_url(provider.url("duplicates"), source=good)
    assert found.detection.url == provider.url("duplicates")


def test_a_taken_name_is_told_with_the_one_it_would_get(good, source_of, untouched):
    wished = preview_url("", source=good).sample[0]
    other = source_of("http://other.example.org/")
    name = f"{good.organization_id}/{wished.name}"
    PublishedName.objects.create(id=name, source=other, url="http://other/x")
    untouched()
    specimen = preview_url("", source=good).sample[0]
    assert specimen.wished == wished.name
    assert specimen.name.startswith(f"{wished.name.removesuffix('.xml')}-")
    assert "name-taken" in {finding.rule for finding in specimen.outcome.findings}


def test_two_records_that_wish_for_one_name_do_not_both_get_it(good, untouched):
    from harvests.ledger import SourceMemory

    untouched()
    told = SourceMemory(good).foretell({"http://h/1": "a.xml", "http://h/2": "a.xml"})
    assert told["http://h/1"] == "a.xml"
    assert told["http://h/2"] != "a.xml"


def test_what_leads_to_nothing_is_refused(provider, untouched):
    untouched()
    with pytest.raises(DetectionError) as caught:
        preview_url(provider.url("gone"))
    assert "404" in str(caught.value)
    assert caught.value.tried[0][0] == provider.url("gone")


def test_access_that_cannot_be_used_is_told(good, untouched):
    good.bbox = "everywhere"
    untouched()
    with pytest.raises(GatherError, match="bounding box"):
        preview_url("", source=good)


@pytest.mark.parametrize("name", ["hang", "drip"])
@pytest.mark.parametrize("kind", ["", "WAF"])
def test_it_ends_in_time_whatever_the_server_does(name, kind):
    with misbehaving.server() as server:
        started = time.monotonic()
        try:
            found = preview_url(server.url(name), kind=kind, seconds=2)
            assert (found.found, found.is_cut) == (0, True)
        except DetectionError as error:
            assert not kind, error
        assert time.monotonic() - started < 4.5


def test_a_preview_beside_a_running_harvest_disturbs_nothing(site, source_of, counts):
    path, url = site
    add_records(path, 30)
    source = source_of(url)
    found = preview_url("", source=source)
    job = jobs.run_now(source)
    assert counts(job) == {"added": found.changes.counts[Change.ADDED]}
