"""The thread that gathers, and what it hands over."""

import threading
import time
from collections.abc import Iterator

from harvests.pipeline.gathering import CHUNK, Gathering
from harvests.pipeline.types import RemoteRecord


def records(count: int) -> Iterator[RemoteRecord]:
    for number in range(count):
        yield RemoteRecord(f"http://x/{number}.xml", f"{number}.xml")


def taken(gathering: Gathering) -> list[int]:
    """The sizes of all chunks, to the end."""
    sizes = []
    while not gathering.ended:
        chunk = gathering.take(1)
        if chunk:
            sizes.append(len(chunk))
    return sizes


def test_it_hands_over_full_chunks_and_the_rest():
    gathering = Gathering(lambda: records(CHUNK * 2 + 7), threading.Event())
    gathering.start()
    assert taken(gathering) == [CHUNK, CHUNK, 7]
    assert gathering.take(1) == []
    gathering.join()


def test_what_was_found_before_an_error_is_handed_over():
    def failing() -> Iterator[RemoteRecord]:
        yield from records(3)
        raise ValueError("no more")

    gathering = Gathering(failing, threading.Event())
    gathering.start()
    assert taken(gathering) == [3]
    assert str(gathering.error) == "no more"
    gathering.join()


def test_a_slow_listing_is_handed_over_as_it_comes():
    def slow() -> Iterator[RemoteRecord]:
        for record in records(3):
            time.sleep(0.2)
            yield record

    gathering = Gathering(slow, threading.Event())
    gathering.start()
    assert taken(gathering) == [2, 1]
    gathering.join()


def test_it_waits_while_nobody_takes_and_stops_when_asked():
    stop = threading.Event()
    gathering = Gathering(lambda: records(CHUNK * 1000), stop)
    gathering.start()
    time.sleep(0.4)
    stop.set()
    gathering.join(2)
    assert not gathering.is_alive()
    assert len(gathering.take(0)) == CHUNK


def test_it_is_ahead_while_it_has_to_wait():
    gathering = Gathering(lambda: records(CHUNK * 5), threading.Event())
    gathering.start()
    while not gathering.is_ahead:
        time.sleep(0.01)
    assert taken(gathering) == [CHUNK] * 5
    assert not gathering.is_ahead
    gathering.join()


def test_it_stops_between_two_records():
    stop = threading.Event()

    def endless() -> Iterator[RemoteRecord]:
        yield from records(1)
        stop.set()
        yield from records(10**9)

    gathering = Gathering(endless, stop)
    gathering.start()
    gathering.join(2)
    assert not gathering.is_alive()
