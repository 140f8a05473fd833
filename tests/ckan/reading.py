"""CKAN's own harvester finds in our central WAF the files and dates that ours finds.

Run by `make test-ckan`: ckanext-spatial is in CKAN's environment only.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import pytest

from tests.ckan.rig import BIN
from tests.installation import until
from tests.test_nginx import FOLDER, NAMES, _status, gathered, nginx, site

PARSER: Final = Path(__file__).parent / "parser.py"
MANY: Final = tuple(f"record-{number:04}.xml" for number in range(1_500))
__all__ = ["nginx", "site"]  # fixtures


@pytest.fixture(scope="module")
def many(site) -> None:
    """Another folder, of more records than go out at once, each of another day."""
    folder = site.store / "Many"
    folder.mkdir()
    for number, name in enumerate(MANY):
        (folder / name).write_text("<record/>")
        os.utime(folder / name, (0, 1_600_000_000 + number * 90_061))


def seen_by_ckan(urls: list[str]) -> dict[str, list[tuple[str, str | None]]]:
    command = [BIN / "python", PARSER, *urls]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=300)
    lists = json.loads(out.stdout).items()
    return {url: sorted(tuple(pair) for pair in found) for url, found in lists}


def seen_by_us(url: str) -> list[tuple[str, str | None]]:
    return [(f"{url}{path}", str(date)) for path, date in gathered(url)]


def test_ckan_and_we_read_the_same_files_and_dates(site, nginx, many):
    own = f"http://127.0.0.1:{site.env['WEB_PORT']}/"
    until(lambda: _status(f"{own}waf/") == 200, told=lambda: site.said)
    folders = {"": {*NAMES, *MANY}, f"{quote(FOLDER)}/": set(NAMES), "Many/": set(MANY)}
    urls = {
        f"{server}waf/{folder}": names
        for server in (nginx, own)
        for folder, names in folders.items()
    }
    found = seen_by_ckan(list(urls))
    for url, names in urls.items():
        assert found[url] == seen_by_us(url)
        assert {unquote(place.rpartition("/")[2]) for place, _ in found[url]} == names
        assert None not in {date for _place, date in found[url]}
