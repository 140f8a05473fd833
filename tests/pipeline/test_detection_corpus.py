"""Which kind each captured page of ../shared/corpus is taken for."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from harvests.pipeline.sniffing import sample_of
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Page
from tests.pipeline.records import CORPUS, files

TESTS = Path(__file__).parent.parent
LISTINGS: dict[str, Any] = json.loads((TESTS / "data/corpus_listings.json").read_text())
CAPABILITIES = files("csw/**/*GetCapabilities*.xml")


def kind_of(path: Path, url: str, content_type: str) -> str:
    page = Page(url, content_type, io.BytesIO(path.read_bytes()))
    found = (name for name, k in SOURCES.items() if k.recognise(sample_of(page)))
    return next(found, "")


def listings() -> list[str]:
    names = (str(path.relative_to(CORPUS / "listings")) for path in _pages())
    return [name for name in names if LISTINGS[name]["entries"]]


def _pages() -> list[Path]:
    return files("listings/**/*.html")


@pytest.mark.parametrize("name", listings())
def test_a_captured_listing_is_taken_for_one(name: str) -> None:
    known = LISTINGS[name]
    path = CORPUS / "listings" / name
    kind = kind_of(path, known["url"], known.get("type", "text/html"))
    assert kind in ({"ERDDAP-WAF", "WAF"} if "/erddap/" in known["url"] else {"WAF"})


@pytest.mark.parametrize("path", CAPABILITIES, ids=lambda path: path.name)
def test_the_capabilities_of_a_catalogue_are_taken_for_one(path: Path) -> None:
    assert kind_of(path, "http://h/csw", "application/xml") == "CSW"


@pytest.mark.parametrize("path", files("iso/**/*.xml"), ids=lambda path: path.name)
def test_a_record_is_no_folder_or_catalogue(path: Path) -> None:
    kind = kind_of(path, "http://h/a.xml", "text/xml")
    assert kind in {"", "DOCUMENT"}
