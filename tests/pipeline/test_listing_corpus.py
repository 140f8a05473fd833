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


def pages() -> list[str]:
    return sorted(str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.html"))


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
