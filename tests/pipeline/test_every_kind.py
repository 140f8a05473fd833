"""What detection and preview expect of every kind of source, those to come included."""

import time
from urllib.parse import urlsplit

import pytest

from harvests.pipeline.sniffing import root_of
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Sample
from tests import misbehaving
from tests.pipeline.test_preview import look

# A source that is one record asks nobody which: see test_document.py
LISTED = [kind for kind in SOURCES if kind != "DOCUMENT"]
STRANGERS = {
    "nothing": b"",
    "words": b"Hello, world.",
    "web page": b"<!DOCTYPE html><html><title>Us</title><p>Welcome.</html>",
    "JSON": b'{"name": "x"}',
    "other XML": b"<?xml version='1.0'?><x:y xmlns:x='urn:z'/>",
    "broken XML": b"<?xml version='1.0'?><csw:Capabilities",
    "binary": bytes(range(256)),
    "bomb": b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>",
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_is_not_recognised(kind, name):
    head = STRANGERS[name]
    for content_type in ("", "text/html", "application/xml"):
        sample = Sample("http://h/a", content_type, "", head, root_of(head))
        assert SOURCES[kind].recognise(sample) is None


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("url", ["http://h.org:81/a/b/?c=d", "https://h.org/"])
def test_guesses_stay_on_the_server(kind, url):
    for guess in SOURCES[kind].guesses(url):
        assert urlsplit(guess)[:2] == urlsplit(url)[:2]


def test_kinds_have_labels_of_their_own():
    assert len({kind.label for kind in SOURCES.values()}) == len(SOURCES)


@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize("path", ["hang", "drip/0.2"])
def test_a_preview_of_any_kind_ends_in_time(kind, path):
    with misbehaving.server() as server:
        started = time.monotonic()
        found = look(server.url(path), kind=kind, seconds=1)
        assert time.monotonic() - started < 3.5
    assert (found.found, found.is_all, found.is_cut) == (0, False, True)
    assert "showed no record in 0.6 of 1 seconds" in found.problem


@pytest.mark.parametrize("kind", LISTED)
def test_a_preview_of_any_kind_says_that_nothing_is_there(kind):
    with misbehaving.closed_port() as port:
        found = look(f"http://127.0.0.1:{port}/x", kind=kind)
    assert (found.found, found.is_all, found.is_cut) == (0, False, False)
    assert "refused the connection" in found.problem
