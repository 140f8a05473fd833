"""One folder as many servers show it: the samples in tests/data/listings."""

from pathlib import Path

import pytest

from tests.pipeline.listings import ROOT, listing, words

FOLDER = Path(__file__).parent.parent / "data" / "listings"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "text/xml",
}
MINUTES = ("2025-10-02T11:47:00", "2025-11-03T00:05:00", "2025-12-04T23:59:00")
SECONDS = ("2025-10-02T11:47:33", "2025-11-03T00:05:01", "2025-12-04T23:59:58")
NO_DATES = ("", "", "")
# sample: dates of rec-1.xml, "two parents.XML" and sub; sizes of the first two; sub
EXPECTED = {
    "apache-pre.html": (MINUTES, "402", "", "sub/"),
    "apache-table.html": (MINUTES, "402", "", "sub/"),
    "bucket.xml": ((*SECONDS[:2], ""), "402", "40038", "?prefix=sub%2F DIR"),
    "caddy.html": (SECONDS, "402", "", "sub/"),
    "caddy.json": (SECONDS, "402", "40038", "sub/"),
    "fancyindex.html": (MINUTES, "402", "", "sub/"),
    "iis-long-date.html": (MINUTES, "402", "40038", "sub/"),
    "iis.html": (MINUTES, "402", "40038", "sub DIR"),
    "jetty.html": (SECONDS, "402", "40038", "sub/"),
    "lighttpd.html": (SECONDS, "", "", "sub/"),
    "mini-httpd.html": (MINUTES, "402", "40038", "sub DIR"),
    "names.json": (NO_DATES, "", "", "sub/"),
    "names.txt": (NO_DATES, "", "", "sub/"),
    "nginx.html": (MINUTES, "402", "", "sub/"),
    "nginx.json": (SECONDS, "402", "40038", "sub/"),
    "nginx.xml": (SECONDS, "402", "40038", "sub/"),
    "plain-list.html": (NO_DATES, "", "", "sub/"),
    "serve-index.html": (SECONDS, "402", "40038", "sub DIR"),
    "serve.html": (NO_DATES, "", "", "sub/"),
    "tomcat.html": (SECONDS, "", "", "sub/"),
    "words-before.html": (MINUTES, "402", "", "sub DIR"),
}


def samples() -> list[str]:
    return sorted(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


@pytest.mark.parametrize("name", samples())
def test_a_folder_reads_the_same_from_every_server(name: str) -> None:
    (first, second, third), size, other_size, folder = EXPECTED[name]
    path = FOLDER / name
    found = listing(path.read_bytes(), content_type=TYPES[path.suffix])
    lines = [
        f"rec-1.xml {first} {size}",
        f"two%20parents.XML {second} {other_size}",
        f"{folder} {third}",
    ]
    expected = sorted(" ".join(line.split()) for line in lines)
    assert sorted(words(entry, ROOT) for entry in found) == expected


def test_every_sample_is_expected() -> None:
    assert samples() == sorted(EXPECTED)
