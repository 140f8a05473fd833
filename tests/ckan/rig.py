"""A real CKAN 2.11 with ckanext-harvest and ckanext-spatial, for `make test-ckan`.

Its parts are its own: PostgreSQL in a folder, Redis, a Solr that finds nothing.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any, Final

import ckanapi

from harvests.embedded import free_port, start_redis, stop_process
from tests.ckan.solr import blank_solr
from tests.folders import wait_until_answered

PATIENCE: Final = 180  # seconds for any one program
BIN: Final = Path(__file__).resolve().parents[2] / ".venv" / "ckan" / "bin"
SETTINGS: Final = (
    *("ckan.plugins=harvest spatial_metadata waf_harvester",),
    *("ckan.spatial.validator.profiles=iso19139ngdc",),
    *("ckanext.spatial.search_backend=solr-bbox", "ckan.harvest.mq.type=redis"),
    *("ckan.harvest.mq.hostname=127.0.0.1", "ckan.auth.create_user_via_web=false"),
)


class Ckan:
    """The running CKAN, and the tokens of a sysadmin and of who may only read."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "ckan.ini"
        self.log = folder / "ckan.log"
        self.token = ""
        self.reader = ""

    def run(self, *words: str) -> str:
        """Run `ckan WORDS`; return what it prints. Raises RuntimeError."""
        return _checked([str(BIN / "ckan"), "-c", str(self.config), *words])

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [str(BIN / "ckan"), "-c", str(self.config), *words]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def call(self, action: str, **data: Any) -> Any:
        """Return what an action gives to the sysadmin."""
        with ckanapi.RemoteCKAN(self.url, apikey=self.token) as remote:
            return remote.call_action(action, data)

    def finish(self, name: str) -> dict[str, Any]:
        """Wait until the last job of a harvest source is done; return it."""

        def last() -> dict[str, Any]:
            return self.call("harvest_source_show", id=name)["status"]["last_job"]

        wait_for(lambda: last()["gather_finished"] and "null" not in last()["stats"])
        self.run("harvester", "run")
        return last()

    def token_of(self, user: str) -> str:
        printed = self.run("user", "token", "add", user, "tests")
        return printed.split()[-1]


def wait_for(done: Callable[[], Any]) -> None:
    """Ask until the answer is yes. Raises RuntimeError after PATIENCE."""
    ends = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > ends:
            raise RuntimeError("CKAN's harvesters did not get there in time")
        time.sleep(0.5)


@contextmanager
def running(folder: Path) -> Iterator[Ckan]:
    """Set CKAN up in an empty folder and serve it, its harvesters at work."""
    with ExitStack() as stack:
        database = stack.enter_context(_postgres())
        (folder / "redis").mkdir()
        redis_port = free_port()
        redis = start_redis(folder / "redis", redis_port)
        stack.callback(stop_process, redis.process)
        solr = stack.enter_context(blank_solr())
        ckan = Ckan(folder, free_port())
        _configure(ckan, folder, database, redis_port, redis.url, solr)
        _fill(ckan)
        place = ckan.url.removeprefix("http://").split(":")
        serve = ("run", "--host", place[0], "--port", place[1], "--disable-reloader")
        for words in (serve, _consumer("gather"), _consumer("fetch")):
            stack.callback(stop_process, ckan.start(*words))
        wait_until_answered(f"{ckan.url}/api/3/action/status_show", attempts=2000)
        yield ckan


def _consumer(stage: str) -> tuple[str, str]:
    return ("harvester", f"{stage}-consumer")


def _configure(
    ckan: Ckan, folder: Path, database: str, redis_port: int, redis: str, solr: str
) -> None:
    _checked([str(BIN / "ckan"), "generate", "config", str(ckan.config)])
    password = redis.partition("://:")[2].partition("@")[0]
    own = (
        f"sqlalchemy.url={database}",
        f"solr_url={solr}",
        f"ckan.redis.url={redis}",
        f"ckan.site_url={ckan.url}",
        f"ckan.harvest.mq.port={redis_port}",
        f"ckan.harvest.mq.password={password}",
        f"ckan.storage_path={folder / 'storage'}",
    )
    tool = [str(BIN / "ckan"), "config-tool", str(ckan.config)]
    _checked([*tool, *own, *SETTINGS])


def _fill(ckan: Ckan) -> None:
    """Make its tables, a sysadmin, and a user who may only read."""
    ckan.run("db", "init")
    ckan.run("db", "upgrade", "-p", "harvest")
    for user in ("harvesting", "reader"):
        mail = f"email={user}@example.org"
        ckan.run("user", "add", user, mail, "password=only-for-tests")
    ckan.run("sysadmin", "add", "harvesting")
    ckan.token, ckan.reader = ckan.token_of("harvesting"), ckan.token_of("reader")


@contextmanager
def _postgres() -> Iterator[str]:
    """A PostgreSQL of our own, not run as root; give the URL of an empty database."""
    user = "postgres" if os.getuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="ckan-postgres-"))
    if user:
        shutil.chown(place, user, user)
    port, binaries = free_port(), postgres_binaries()

    def do(program: str, *words: str) -> None:
        _checked([str(binaries / program), *words], user=user, cwd=place)

    options = f"-h 127.0.0.1 -p {port} -k {place} -F"
    try:
        do("initdb", "-D", "data", "-U", "ckan", "-A", "trust", "-E", "UTF8")
        do("pg_ctl", "-D", "data", "-l", "log", "-o", options, "-w", "start")
        try:
            do("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "ckan", "ckan")
            yield f"postgresql://ckan@127.0.0.1:{port}/ckan"
        finally:
            do("pg_ctl", "-D", "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def postgres_binaries() -> Path:
    """Return the folder of initdb and pg_ctl. Raises RuntimeError."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    raise RuntimeError("The tests need PostgreSQL: apt install postgresql.")


def _checked(command: list[str], **options: Any) -> str:
    """Run a program; return what it prints. Raises RuntimeError with its last words."""
    done = subprocess.run(
        command, check=False, stdout=PIPE, stderr=STDOUT, timeout=PATIENCE, **options
    )
    told = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {told[-3000:]}")
    return told
