"""A source of the wrong kind is told which one it looks like."""

import threading

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import Plan
from tests import misbehaving
from tests.folders import add_records, record
from tests.pipeline.test_runner import POLICY

FOLDER = "choose “Web accessible folder”"
RECORD = "choose “Single record”"


def failure(kind: str, url: str, tmp_path) -> str:
    folder = Folder(tmp_path / "waf", trash=tmp_path / TRASH)
    stop, ledger = threading.Event(), FileLedger(folder.path, url)
    tools = Tools(Fetcher(POLICY, stop=stop), folder, ledger, stop)
    with pytest.raises(GatherError) as caught:
        list(harvest(Plan(kind, url), tools, cancelled=lambda: False))
    ledger.close()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["CSW", "DOCUMENT", "THREDDS", "URL-LIST"])
def test_a_folder_registered_as_something_else(kind, site, tmp_path):
    path, url = site
    add_records(path, 3)
    hint = f". It looks like another kind of source: {FOLDER}"
    assert hint in failure(kind, url, tmp_path)


def test_a_record_registered_as_a_folder(site, tmp_path):
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    assert RECORD in failure("WAF", f"{url}a.xml", tmp_path)


def test_a_list_registered_as_a_record(site, tmp_path):
    path, url = site
    urls = "".join(f"<url><loc>{url}{n}.xml</loc></url>" for n in range(3))
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    (path / "sitemap.xml").write_text(f'<urlset xmlns="{space}">{urls}</urlset>')
    assert "choose “List of" in failure("DOCUMENT", f"{url}sitemap.xml", tmp_path)


def test_a_page_of_no_kind_gets_no_hint(tmp_path):
    with misbehaving.server() as server:
        assert "choose" not in failure("WAF", server.url("echo"), tmp_path)


def test_a_page_that_is_missing_gets_no_hint(tmp_path):
    with misbehaving.server() as server:
        assert "choose" not in failure("WAF", server.url("status/404"), tmp_path)


def test_a_source_whose_only_record_fails_has_failed(tmp_path):
    with misbehaving.server() as server:
        said = failure("DOCUMENT", server.url("status/404"), tmp_path)
    assert "404 Not Found" in said
    assert "None of" not in said


def test_a_source_whose_records_all_fail_names_the_first(site, tmp_path):
    path, url = site
    for name in ("a.xml", "b.xml"):
        (path / name).write_bytes(b"<a/>")
    said = failure("WAF", url, tmp_path)
    assert f"None of the 2 records that {url} lists could be harvested. The" in said
