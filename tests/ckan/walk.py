"""From a published record to CKAN's errors on its page, with a real CKAN.

Run by `make test-ckan`; `make test` has the same against recorded answers.
"""

import datetime as dt
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from harvests import ckan, jobs
from harvests.ckan import check, following
from harvests.models import CkanSource, HarvestRecord, HarvestSource
from tests.ckan import rig
from tests.ckan.record import FOLDER, SOURCE, make_source, zoned
from tests.folders import record, served

DAY = 24 * 3600
NAMED = re.compile(rb"<gmd:fileIdentifier>.*</gmd:fileIdentifier>", re.DOTALL)
REFUSED = ("duplicate-identifier", "ckan-date", "ckan-prefix", "xsd")


@pytest.fixture(scope="module")
def waf(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """The central WAF, served by nginx as CKAN wants it."""
    root, work = tmp_path_factory.mktemp("waf"), tmp_path_factory.mktemp("nginx")
    (root / FOLDER).mkdir()
    with served(root, work) as url:
        yield root, url


@pytest.fixture(scope="module")
def real(tmp_path_factory, waf) -> Iterator[rig.Ckan]:
    """A CKAN whose one harvest source reads the organization's folder."""
    with rig.running(tmp_path_factory.mktemp("ckan")) as running:
        make_source(running, f"{waf[1]}Ocean%20Institute/")
        yield running


@pytest.fixture
def ocean(real, waf, site, settings, organization, source_of) -> HarvestSource:
    """A source of ours with records that CKAN takes, and some that it refuses."""
    settings.CKAN_API, settings.CKAN_API_KEY = f"{real.url}/api/3", real.token
    settings.OUTPUT_DIR, settings.WAF_URL_ROOT = waf
    organization.ckan_harvest_url = f"{real.url}/harvest/{SOURCE}"
    organization.save()
    good = record("good")
    bodies = {
        "good.xml": good,
        "later.xml": record("later"),
        "twin1.xml": record("twin", title="One"),
        "twin2.xml": record("twin", title="Two"),
        "zoned.xml": zoned("zoned"),
        "nameless.xml": NAMED.sub(b"", record("nameless")),
        "prefix.xml": record("p").replace(b"gmd:", b"o:").replace(b"s:gmd", b"s:o"),
        "wrong.xml": record("wrong").replace(b"gmd:language>", b"gmd:tongue>"),
    }
    for name, body in bodies.items():
        (site[0] / name).write_bytes(body)
    return source_of(site[1], name="Ocean")


def looked(minutes: int) -> CkanSource:
    """Look after CKAN, as housekeeping does so many minutes from now."""
    following.attend_due(timezone.now() + dt.timedelta(minutes=minutes))
    return CkanSource.objects.get()


def job_count(real: rig.Ckan) -> int:
    return real.call("harvest_source_show", id=SOURCE)["status"]["job_count"]


def refused(source: HarvestSource) -> set[str]:
    """The records that our lint expects CKAN to refuse."""
    return {
        Path(row.url).name
        for row in source.records.all()
        if any(finding["rule"] in REFUSED for finding in row.findings)
    }


def complained(source: HarvestSource, row: CkanSource) -> set[str]:
    """The records that CKAN complains of."""
    names = {c.place.rpartition("/")[2] for c in row.complaints.all()}
    found = source.records.filter(file_name__in=names)
    return {Path(row.url).name for row in found}


def page_of(item: HarvestRecord) -> str:
    ada = Client()
    ada.force_login(User.objects.create_superuser("ada"))
    return ada.get(item.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_is_published_goes_to_ckan_and_its_errors_come_back(real, ocean, site):
    jobs.run_now(ocean)
    first = looked(0)
    assert (first.message, first.is_unfinished) == ("", True)

    ckan.tell(ocean)  # while it runs: no second job, and no 500
    assert looked(0).wanted
    real.finish(SOURCE)
    CkanSource.objects.update(wanted=None)
    row = looked(60)
    assert row.counts["added"] == 4  # it takes the nameless one, as we say
    twins = {"twin1.xml", "twin2.xml"}
    assert complained(ocean, row) | twins == refused(ocean)
    assert len(complained(ocean, row) & twins) == 1  # CKAN keeps the other
    text = page_of(ocean.records.get(file_id="zoned"))
    assert "Could not extract reference date" in text

    before = job_count(real)
    jobs.run_now(ocean)
    looked(60)
    assert (job_count(real), CkanSource.objects.get().wanted) == (before, None)

    ignored_change(real, ocean, site)


def ignored_change(real: rig.Ckan, ocean: HarvestSource, site) -> None:
    """CKAN keeps the old text of a record whose date is not newer, as we say."""
    body = record("later").replace(b"Of Dataset", b"All new: of Dataset")
    (site[0] / "later.xml").write_bytes(body)
    later = time.time() + DAY
    os.utime(site[0] / "later.xml", (later, later))
    jobs.run_now(ocean)
    row = ocean.records.get(file_id="later")
    os.utime(row.location, (later, later))  # listings tell minutes, tests take none
    assert "date-not-newer" in {finding["rule"] for finding in row.findings}
    assert looked(60).message == ""
    counts = real.finish(SOURCE)["stats"]
    assert (counts["updated"], counts["added"]) == (0, 0)


@pytest.mark.parametrize(
    ("token", "path", "sentence"),
    [
        ("token", "/api/3", "who may have “ocean-waf” harvested"),
        ("reader", "/api/3", "who may read, but not have"),
        ("no-token", "/api/3", "CKAN ignores the token"),
        ("token", "/about", "in place of JSON"),
    ],
)
def test_each_token_has_its_sentence(real, settings, token, path, sentence):
    settings.CKAN_API = f"{real.url}{path}"
    settings.CKAN_API_KEY = getattr(real, token, token)
    assert sentence in check(SOURCE).sentence
