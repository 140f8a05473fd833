"""The second process of a big harvest: what it takes, and how it ends."""

import gc
import os
import resource
import signal
import socket
import threading
from collections import Counter
from multiprocessing.connection import Connection

import pytest

from harvests.pipeline import workshop as module
from harvests.pipeline.processing import Target
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import Plan, RemoteRecord, Response, Result
from harvests.pipeline.validators import schema
from harvests.pipeline.workshop import ROOM, Workshop, serve
from tests.folders import record

PLAN = Plan("WAF", "http://x/")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "waf", trash=tmp_path / TRASH)


@pytest.fixture
def workshop(folder):
    schema.prepare()
    workshop = Workshop(folder, PLAN)
    yield workshop
    workshop.close()


@pytest.fixture
def served(folder):
    """The other side of the socket, here in a thread; it has been told the folder."""
    ours, its = socket.socketpair()
    thread = threading.Thread(target=serve, args=[its.detach()])
    thread.start()
    with Connection(ours.detach()) as connection:
        connection.send((folder.path, PLAN))
        yield connection
    thread.join(5)
    gc.unfreeze()
    assert not thread.is_alive()


def document(number: int, *, padding: int = 0) -> tuple[Target, Response]:
    url, name = f"http://x/{number}.xml", f"{number}.xml"
    body = record(f"id-{number}") + b"\n" * padding
    return Target(RemoteRecord(url, name), name), Response(url, 200, body)


def open_(workshop: Workshop) -> None:
    """Offer documents until it takes one."""
    while not workshop.takes(*document(0), many=True):
        workshop.collect(0.01)


def drain(workshop: Workshop) -> Counter[Result]:
    outcomes = []
    while workshop:
        outcomes += workshop.collect(1)
    return Counter(outcome.result for outcome in outcomes)


def temporary(folder: Folder) -> list[str]:
    return [name for name in os.listdir(folder.path) if not name.endswith(".xml")]


def test_a_small_harvest_has_none(workshop):
    offers = [workshop.takes(*document(n), many=False) for n in range(300)]
    assert not any(offers)
    assert workshop._process is None


def test_what_it_takes_it_gives_back_staged(workshop, folder):
    open_(workshop)
    taken = [workshop.takes(*document(n), many=True) for n in range(1, 100)]
    assert all(taken)
    assert drain(workshop) == {Result.ADDED: 100}
    assert folder.names() == []
    assert folder.commit() == 100
    assert len(folder.names()) == 100


def test_it_takes_no_more_than_it_has_room_for(workshop):
    open_(workshop)
    assert not workshop.takes(*document(1, padding=ROOM), many=True)
    assert workshop.takes(*document(2), many=True)
    assert drain(workshop) == {Result.ADDED: 2}


def test_if_it_dies_nothing_is_lost(workshop, folder, caplog):
    open_(workshop)
    workshop._process.kill()
    for number in range(1, 50):
        workshop.takes(*document(number), many=True)
    assert drain(workshop) == {Result.ADDED: 50}
    assert folder.commit() == 50
    assert "going on without it" in caplog.text
    assert not workshop.takes(*document(51), many=True)


def test_if_it_is_frozen_the_run_goes_on_without_it(workshop, folder, monkeypatch):
    """It takes nothing any more: the run stood still, heartbeat and all."""
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    open_(workshop)
    os.kill(workshop._process.pid, signal.SIGSTOP)
    taken = [workshop.takes(*document(n, padding=10**5), many=True) for n in range(80)]
    assert drain(workshop) == {Result.ADDED: sum(taken) + 1}
    assert folder.commit() == sum(taken) + 1


def test_if_it_answers_nothing_any_more_its_work_is_done_here(
    workshop, folder, monkeypatch
):
    open_(workshop)
    drain(workshop)
    os.kill(workshop._process.pid, signal.SIGSTOP)
    assert workshop.takes(*document(1), many=True)
    monkeypatch.setattr(module, "HUNG", 0.3)
    assert drain(workshop) == {Result.ADDED: 1}
    assert workshop._process.wait() == -signal.SIGKILL


def test_if_it_stops_in_the_midst_of_an_answer_the_run_goes_on(
    workshop, folder, monkeypatch
):
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    open_(workshop)
    drain(workshop)
    assert workshop.takes(*document(1), many=True)
    os.kill(workshop._process.pid, signal.SIGSTOP)
    workshop._send()
    ours, its = socket.socketpair()
    its.send(b"\0\0\1\0half")  # of a message of 256 bytes
    os.dup2(ours.fileno(), workshop._connection.fileno())
    patience = workshop._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
    assert drain(workshop) == {Result.ADDED: 1}
    assert workshop._process.wait() == -signal.SIGKILL
    ours.close()
    its.close()


def test_what_goes_wrong_with_the_disk_is_left_for_the_run_to_tell(
    workshop, folder, capfd
):
    open_(workshop)
    drain(workshop)
    few_bytes = 300  # as many as show that there is a traceback
    resource.prlimit(workshop._process.pid, resource.RLIMIT_FSIZE, (few_bytes,) * 2)
    assert workshop.takes(*document(1), many=True)
    assert drain(workshop) == {Result.ADDED: 1}
    assert workshop._process.wait() == 0
    assert "Traceback" not in capfd.readouterr().err


def test_it_ends_with_the_run_and_leaves_nothing_behind(workshop, folder):
    open_(workshop)
    for number in range(1, 200):
        workshop.takes(*document(number), many=True)
    workshop.close()
    folder.discard()
    assert workshop._process.poll() == 0
    assert temporary(folder) == []


def test_one_that_hangs_is_killed(workshop, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    open_(workshop)
    os.kill(workshop._process.pid, signal.SIGSTOP)
    workshop.close()
    assert workshop._process.poll() == -signal.SIGKILL


def test_one_that_is_not_up_yet_is_not_waited_for(workshop):
    while workshop._process is None:
        workshop.takes(*document(0), many=True)
    workshop.close()
    assert workshop._process.poll() == -signal.SIGKILL


def test_the_process_answers_each_tray_with_its_outcomes(served, folder):
    assert served.recv() == ([], [])
    served.send([document(1), document(2)])
    outcomes, staged = served.recv()
    folder.take_over(staged)
    assert [outcome.name for outcome in outcomes] == ["1.xml", "2.xml"]
    assert folder.commit() == 2


def test_the_process_ends_when_the_run_is_gone_before_it_is_up(served):
    served.close()
