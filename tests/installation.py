"""An installation of its own: database, Redis, central WAF, and real processes."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import pymongo

from harvests.embedded import RedisServer, free_port, start_redis, stop_process

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


class Installation:
    """What an operator would have: an environment, and `manage.py` in it."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.port, self.password = free_port(), secrets.token_hex(8)
        self.redis = self.start_redis()
        self.store = folder / "waf"
        self.env = {**os.environ, "SQLITE_PATH": str(folder / "own.sqlite3"), **env}
        self.env |= {"REDIS_URL": self.redis.url, "OUTPUT_DIR": str(self.store)}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.manage("migrate", "--verbosity", "0")
        self._oracle = self._popen(["-m", "tests.oracle"], stdin=subprocess.PIPE)

    def start_redis(self) -> RedisServer:
        data = self.folder / "redis"
        data.mkdir(exist_ok=True)
        return start_redis(data, self.port, password=self.password)

    def manage(self, *arguments: str, fails: bool = False, **env: str) -> str:
        """Run a management command; return its output, or its errors if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def ask(self, expression: str, **values: Any) -> Any:
        """Evaluate an expression over the models; see tests/oracle.py."""
        assert self._oracle.stdin and self._oracle.stdout
        self._oracle.stdin.write(json.dumps([expression, values]).encode() + b"\n")
        self._oracle.stdin.flush()
        answer = json.loads(self._oracle.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def start(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        """Start `manage.py command`; what it says goes to `said`."""
        return self.start_python("manage.py", *command, **env)

    def start_python(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said.log").open("ab") as log:
            process = self._popen(command, stdout=log, stderr=log, more=env)
        self.processes.append(process)
        return process

    @property
    def said(self) -> str:
        return (self.folder / "said.log").read_text(encoding="utf-8")

    def _popen(
        self, command: Any, *, more: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**self.env, **(more or {})},
            start_new_session=True,
            **{"stdout": subprocess.PIPE, **options},
        )

    def worker(self, queue: str = "default") -> subprocess.Popen[bytes]:
        return self.start("rqworker", queue, "-v", "0")

    def stop_processes(self) -> None:
        for process in self.processes:
            for pid in [process.pid, *children(process.pid)]:
                kill(pid)
            process.wait()
        self.processes.clear()

    def close(self) -> None:
        self.stop_processes()
        self._oracle.communicate()
        stop_process(self.redis.process)

    # The site's words

    def source(self, url: str, organization: str = "Ocean", **fields: Any) -> str:
        """Register a source; return its key."""
        return self.ask(
            "HarvestSource.objects.create(url=url, name=url, organization="
            "Organization.objects.get_or_create(name=organization)[0], **fields).pk",
            url=url,
            organization=organization,
            fields=fields,
        )

    def enqueue(self, source: str) -> str:
        """Queue a harvest; return the job's key."""
        return self.ask(
            "jobs.enqueue_harvest(HarvestSource.objects.get(pk=source)).pk",
            source=source,
        )

    def job(self, key: str) -> dict[str, Any]:
        """The job's row."""
        return self.ask("HarvestJob.objects.filter(pk=key).values()[0]", key=key)

    def last_job(self, source: str) -> str:
        return self.ask("HarvestJob.objects.filter(source=source)[0].pk", source=source)

    def wait_for(self, key: str, *status: str, seconds: float = 120) -> dict[str, Any]:
        """Wait until the job has one of these statuses; return its row."""

        def reached() -> dict[str, Any] | None:
            row = self.job(key)
            assert row["finished"] is None or row["status"] in status, row
            return row if row["status"] in status else None

        told = lambda: f"{self.job(key)}\n{self.said}"  # noqa: E731
        return until(reached, seconds=seconds, told=told)

    def wait_for_records(self, key: str, count: int = 1) -> dict[str, Any]:
        """Wait until the running job has stored some records; return its row."""
        return until(
            lambda: (row := self.job(key))["added"] >= count and row,
            told=lambda: f"{self.job(key)}\n{self.said}",
        )

    def records(self, source: str) -> list[dict[str, Any]]:
        return self.ask(
            "list(HarvestRecord.objects.filter(source=source).values())", source=source
        )


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """Give the setting of a new database of the kind that the suite runs on."""
    url = os.environ.get("MONGO_URL", "")
    if not url:
        yield {}
        return
    own = urlunsplit(urlsplit(url)._replace(path=f"/own_{secrets.token_hex(4)}"))
    yield {"MONGO_URL": own}
    with pymongo.MongoClient(own) as client:
        client.drop_database(client.get_default_database().name)


@contextmanager
def installation_in(folder: Path, **env: str) -> Iterator[Installation]:
    with own_database() as database:
        installation = Installation(folder, **database, **env)
        try:
            yield installation
        finally:
            installation.close()


def until(
    done: Callable[[], T | None],
    *,
    seconds: float = 120,
    told: Callable[[], str] = lambda: "",
) -> T:
    """Ask until the answer is true; return it. Fails with what is `told`."""
    end = time.monotonic() + seconds
    while not (answer := done()):
        assert time.monotonic() < end, f"not within {seconds} s: {told()}"
        time.sleep(0.1)
    return answer


def children(pid: int) -> list[int]:
    """The processes that a process started, and so on."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(stat.parent.name)
            found += [child, *children(child)]
    return found


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
