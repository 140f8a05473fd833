"""Whether a part of the site on this machine is well, for health checks."""

import datetime as dt
import http.client
import re
import socket
from collections.abc import Callable

import django_rq
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from pymongo.errors import ConnectionFailure, PyMongoError
from redis.exceptions import RedisError
from rq.cron import CronScheduler
from rq.worker import Worker

BEATS_WITHIN = dt.timedelta(seconds=120)  # `--worker-ttl 60` beats every 45 s
TIMEOUT = 10
LACKS = re.compile(r"no such (table|column)|has no column named")  # says SQLite


class UnwellError(Exception):
    """The message says what is wrong. The health command catches it."""


def database() -> None:
    """The database answers, and has our tables. Raises UnwellError."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, PyMongoError) as error:
        raise UnwellError(_unanswered(error)) from error
    if not missing:
        return
    name = connection.settings_dict["NAME"]
    if executor.loader.applied_migrations:
        lack = f"The tables of the database {name} are of an older version"
    else:
        lack = f"The database {name} has no tables yet"
    elsewhere = " If the site keeps its rows in MongoDB, set MONGO_URL."
    raise UnwellError(
        f"{lack}: run `manage.py migrate`.{elsewhere * (not settings.ON_MONGODB)}"
    )


def trouble_behind(error: Exception, *, is_migrating: bool = False) -> str:
    """Return what is wrong with the database, "" if the error is of another kind."""
    if not isinstance(error, DatabaseError | PyMongoError):
        return ""
    if isinstance(_root_of(error), ConnectionFailure):
        return _unanswered(error)  # asking once more would take as long again
    try:
        database()
    except UnwellError as unwell:
        asks_in_vain = not is_migrating and LACKS.search(str(error))
        is_unopened = unwell.__cause__ is not None
        return str(unwell) if is_unopened or asks_in_vain else ""
    return ""


def _unanswered(error: Exception) -> str:
    reason = re.split(r" \(configured|, Timeout", str(_root_of(error)))[0][:300]
    if settings.ON_MONGODB:
        return f"The database does not answer: {reason}. Check MONGO_URL."
    name = connection.settings_dict["NAME"]
    return f"The database {name} cannot be used: {reason}. Check SQLITE_PATH."


def _root_of(error: BaseException) -> BaseException:
    return _root_of(error.__cause__) if error.__cause__ else error


def queue() -> None:
    """Redis answers."""
    try:
        django_rq.get_connection("default").ping()
    except RedisError as error:
        raise UnwellError(
            f"Redis does not answer ({error}). Check REDIS_URL: it must be the one "
            "that the site runs with."
        ) from error


def web() -> None:
    """The site answers, and the database does. Raises UnwellError."""
    client = http.client.HTTPConnection("127.0.0.1", settings.WEB_PORT, timeout=TIMEOUT)
    host = (settings.ALLOWED_HOSTS or ["localhost"])[0].replace("*", "localhost")
    headers = {"Host": host.removeprefix("."), "X-Forwarded-Proto": "https"}
    try:
        client.request("GET", "/waf/", headers=headers)
        status = client.getresponse().status
    except OSError as error:
        raise UnwellError(
            f"No answer on port {settings.WEB_PORT}: {error}. If the site runs on "
            "another, set WEB_PORT to it, here too."
        ) from error
    finally:
        client.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise UnwellError(f"The answer was {status}.")
    database()


def worker() -> None:
    """A worker on this machine gave a sign of life. Raises UnwellError."""
    queue()
    workers = Worker.all(connection=django_rq.get_connection("default"))
    _check_beats("worker", [w.last_heartbeat for w in workers if _is_here(w.hostname)])


def scheduler() -> None:
    """A scheduler on this machine gave a sign of life. Raises UnwellError."""
    queue()
    known = CronScheduler.all(django_rq.get_connection("default"))
    _check_beats("scheduler", [s.last_heartbeat for s in known if _is_here(s.hostname)])


def _is_here(hostname: str | None) -> bool:
    return hostname == socket.gethostname()


def _check_beats(part: str, beats: list[dt.datetime | None]) -> None:
    latest = max((beat for beat in beats if beat), default=None)
    if latest is None:
        raise UnwellError(f"No {part} runs on {socket.gethostname()}.")
    age = dt.datetime.now(dt.UTC) - latest
    if age > BEATS_WITHIN:
        raise UnwellError(f"The {part} gave no sign of life for {age.seconds} s.")


PARTS: dict[str, Callable[[], None]] = {
    "database": database,
    "queue": queue,
    "web": web,
    "worker": worker,
    "scheduler": scheduler,
}
