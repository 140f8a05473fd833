"""The captured listings in ../shared/corpus, where that folder is at hand.

What each page holds was computed, then compared with the page by eye and with the
links that a plain regular expression finds in it: tests/data/corpus_listings.json.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.pipeline.listings import listing, words

TESTS = Path(__file__).parent.parent
CORPUS = TESTS.parent.parent / "shared" / "corpus" / "listings"
EXPECTED: dict[str, Any] = json.loads((TESTS / "data/corpus_listings.json").read_text())


ABOUT = {"headers.txt", "url.txt"}  # how a page was captured


def pages() -> list[str]:
    files = (path for path in CORPUS.rglob("*") if path.is_file())
    return sorted(str(p.relative_to(CORPUS)) for p in files if p.name not in ABOUT)


@pytest.mark.parametrize("name", pages())
def test_a_captured_listing_is_read_as_a_person_reads_it(name: str) -> None:
    expected = EXPECTED[name]
    found = listing(
        (CORPUS / name).read_bytes(),
        expected["url"],
        content_type=expected.get("type", "text/html"),
    )
    base = urljoin(expected["url"], ".")
    assert [words(entry, base) for entry in found] == expected["entries"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not at hand")
def test_every_file_of_the_corpus_is_expected() -> None:
    assert pages() == sorted(EXPECTED)


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("url.txt")), ids=str)
def test_a_page_is_read_at_the_address_and_as_the_type_it_was_captured(
    path: Path,
) -> None:
    expected = EXPECTED[str((path.parent / "index.html").relative_to(CORPUS))]
    headers = (path.parent / "headers.txt").read_text().lower()
    assert expected["url"] == path.read_text().strip()
    if "type" in expected:
        assert f"content-type: {expected['type'].lower()}" in headers
