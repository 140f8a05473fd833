"""What most tests need: a provider, a store, a source, and workers that work."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import django_rq
import pytest
from django.conf import settings as site_settings
from rq import SimpleWorker

from demo import DemoProvider, demo_provider
from harvests import conf
from harvests.embedded import stop_process
from harvests.models import HarvestJob, HarvestSource, Organization
from harvests.pipeline.store import Folder
from tests import emptying
from tests.ckan.stand_in import StandIn, standing_in
from tests.folders import served
from tests.old_registry import OldRegistry, old_mongodb, old_registry
from tests.services import start_mongod

emptying.install()
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@pytest.fixture
def provider() -> Iterator[DemoProvider]:
    """The demo provider on a port of its own, in its first state."""
    with demo_provider(huge=60, delay=0.05) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder of ours behind nginx: (path, url)."""
    path, work = tmp_path / "site", tmp_path / "nginx"
    path.mkdir()
    work.mkdir()
    with served(path, work) as url:
        yield path, url


@pytest.fixture(autouse=True)
def _cheap(settings) -> None:
    """A real hash costs a quarter of a second, and most tests sign in.

    Each new `Client` would have WhiteNoise list all static files anew, as at a start.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def output_dir(settings, tmp_path: Path) -> Path:
    """An empty central WAF."""
    settings.OUTPUT_DIR = tmp_path / "waf"
    settings.WAF_URL_ROOT = "http://waf.example.org/"
    return settings.OUTPUT_DIR


@pytest.fixture
def organization(db) -> Organization:
    return Organization.objects.create(name="Ocean Institute")


@pytest.fixture
def source_of(organization) -> Callable[..., HarvestSource]:
    """Make a source of the organization from its URL."""

    def make(url: str, **fields: object) -> HarvestSource:
        fields = {"organization": organization, "name": url, **fields}
        return HarvestSource.objects.create(url=url, **fields)

    return make


@pytest.fixture
def good(provider, source_of) -> HarvestSource:
    """A source with 24 valid records."""
    return source_of(provider.url("good"), name="Good")


@pytest.fixture
def shrinking(provider, source_of) -> HarvestSource:
    """A source with 40 records, 4 after a POST to /shrinking/shrink."""
    return source_of(provider.url("shrinking"), name="Shrinking")


@pytest.fixture
def folder(output_dir, organization) -> Folder:
    """The organization's folder in the central WAF."""
    return conf.store().folder(organization.name)


@pytest.fixture
def queues() -> Iterator[Callable[[], None]]:
    """Empty queues; call the fixture to run what is in them, here and now."""
    names = ("default", "housekeeping")
    for name in names:
        django_rq.get_queue(name).empty()

    def work() -> None:
        found = [django_rq.get_queue(name) for name in names]
        SimpleWorker(found, connection=found[0].connection).work(burst=True)

    yield work
    for name in names:
        django_rq.get_queue(name).empty()


@pytest.fixture
def patient_checks(monkeypatch) -> None:
    """A check may take longer than a person waits: a busy machine is no failure."""
    monkeypatch.setattr("harvests.admin.checking.SECONDS", 60)


@pytest.fixture
def counts() -> Callable[[HarvestJob], dict[str, int]]:
    """The counters of a job that are not zero."""

    def of(job: HarvestJob) -> dict[str, int]:
        names = ("added", "changed", "unchanged", "removed", "held", "failed")
        found = {name: getattr(job, name) for name in names}
        return {name: n for name, n in found.items() if n}

    return of


@pytest.fixture(scope="session")
def old_database(tmp_path_factory) -> Iterator[str]:
    """A MongoDB for predecessors' registries: on the server of the site, if it has one.

    It is there whatever database the site itself is tested on.
    """
    with contextlib.ExitStack() as stack:
        server = site_settings.MONGO_URL
        if not server:
            process, server = start_mongod(tmp_path_factory.mktemp("mongo"))
            stack.callback(stop_process, process)
        yield stack.enter_context(old_mongodb(server))


@pytest.fixture
def registry(old_database, tmp_path) -> Iterator[OldRegistry]:
    """An empty registry of the predecessor, and its WAF folder."""
    with old_registry(old_database, tmp_path / "old-waf") as found:
        yield found


@pytest.fixture
def ckan(settings) -> Iterator[StandIn]:
    """One that knows the source ocean-waf, without jobs, and lets us in."""
    with standing_in() as running:
        settings.CKAN_API = f"{running.url}/api/3"
        settings.CKAN_API_KEY = "a-token"
        running.says(
            status_show="status",
            user_show="user",
            harvest_source_show="source-new",
            harvest_job_list="list",
            harvest_job_create="job",
            harvest_job_report="report",
        )
        yield running


@pytest.fixture
def ocean(organization, source_of) -> HarvestSource:
    """A source whose organization CKAN reads."""
    organization.ckan_harvest_url = "https://ckan.example.org/harvest/ocean-waf"
    organization.save()
    return source_of("https://example.org/waf/", name="Ocean")
