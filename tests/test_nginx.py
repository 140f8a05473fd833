"""nginx with deploy/nginx.conf serves the central WAF as the site itself does."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from harvests import conf
from harvests.embedded import free_port, stop_process
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Plan
from tests.installation import ROOT, Installation, installation_in, until

FOLDER = "Océan & Co"
NAMES = ("plain.xml", "with space.xml", "é%41.xml", "quote'\".xml", f"{'n' * 70}.xml")
FRAME = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/site.conf;
}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Installation]:
    """gunicorn, and a central WAF with difficult names, a trash and leftovers."""
    port = str(free_port())
    with installation_in(tmp_path_factory.mktemp("site"), WEB_PORT=port) as site:
        folder = site.store / FOLDER
        folder.mkdir(parents=True)
        for number, name in enumerate(NAMES):
            (folder / name).write_bytes(b"<record>" + b"x" * 5000 + b"</record>")
            os.utime(folder / name, (0, 1_600_000_000 + number * 100_000))
        (folder / ".tmp-abc-1").write_text("half a rec")
        (site.store / ".trash" / FOLDER).mkdir(parents=True)
        (site.store / ".trash" / FOLDER / "key.xml").write_text("<removed/>")
        site.start_python("-m", "gunicorn", "harvestsite.wsgi")
        yield site


@pytest.fixture(scope="module")
def nginx(site, tmp_path_factory) -> Iterator[str]:
    """The URL of an nginx in front of the site."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for ours, theirs in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("web:8000", f"127.0.0.1:{site.env['WEB_PORT']}"),
        ("/data/waf/", f"{site.store}/"),
    ):
        assert text.count(ours) >= 1
        text = text.replace(ours, theirs)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user=user))
    binary = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert binary, "nginx is not installed (Debian: apt install nginx-light)"
    process = subprocess.Popen(
        [binary, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
    )
    until(lambda: _status(f"http://127.0.0.1:{port}/waf/") == 200, seconds=15)
    yield f"http://127.0.0.1:{port}/"
    stop_process(process)


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except requests.ConnectionError:
        return 0


@pytest.fixture(params=["nginx", "gunicorn"])
def waf(request, site, nginx) -> str:
    """The URL of the organization's folder, by either server."""
    own = f"http://127.0.0.1:{site.env['WEB_PORT']}/"
    until(lambda: _status(f"{own}waf/") == 200, told=lambda: site.said)
    base = {"nginx": nginx, "gunicorn": own}[request.param]
    return f"{base}waf/{quote(FOLDER)}/"


def gathered(url: str) -> list[tuple[str, object]]:
    """What our own harvester finds in a listing: path and date."""
    stop = threading.Event()
    records = SOURCES["WAF"].gather(Plan("WAF", url), conf.fetcher(stop))
    return sorted((r.url.removeprefix(url), r.modified) for r in records)


def test_a_harvester_finds_the_same_files_and_dates_in_both(site, nginx):
    own = f"http://127.0.0.1:{site.env['WEB_PORT']}/waf/"
    until(lambda: _status(own) == 200, told=lambda: site.said)
    found = gathered(f"{nginx}waf/")
    assert found == gathered(own)
    assert [path for path, _ in found] == sorted(
        f"{quote(FOLDER)}/{quote(name)}" for name in NAMES
    )
    assert all(modified for _, modified in found)


def test_the_listings_name_their_server_for_ckan(waf):
    answer = requests.get(waf, timeout=5)
    assert "nginx" in answer.headers["Server"]
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "13-Sep-2020 12:26" in answer.text


def test_every_name_leads_to_its_record(waf):
    for name in NAMES:
        answer = requests.get(waf + quote(name), timeout=5)
        assert answer.text.startswith("<record>")
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [".tmp-abc-1", "../.trash/", f"../.trash/{quote(FOLDER)}/key.xml", "%2etmp-abc-1"],
)
def test_trash_and_files_in_the_making_are_not_served(waf, path):
    with requests.Session() as session:
        request = requests.Request("GET", waf).prepare()
        request.url = waf + path
        assert session.send(request, timeout=5).status_code == 404
    assert ".tmp" not in requests.get(waf, timeout=5).text
    assert ".trash" not in requests.get(f"{waf}../", timeout=5).text


def test_an_unchanged_record_is_not_sent_again(waf):
    first = requests.get(waf + NAMES[0], timeout=5)
    for condition in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = requests.get(waf + NAMES[0], headers=condition, timeout=5)
        assert again.status_code == 304
        assert again.content == b""


def test_a_part_of_a_record_can_be_asked_for(waf):
    headers = {"Range": "bytes=0-7", "Accept-Encoding": "identity"}
    answer = requests.get(waf + NAMES[0], headers=headers, timeout=5)
    assert answer.status_code == 206
    assert answer.content == b"<record>"
    assert answer.headers["Content-Range"] == "bytes 0-7/5017"
    headers["Range"] = "bytes=9000-"
    answer = requests.get(waf + NAMES[0], headers=headers, timeout=5)
    assert answer.status_code == 416


def test_head_tells_the_size_and_sends_nothing(waf):
    headers = {"Accept-Encoding": "identity"}
    answer = requests.head(waf + NAMES[0], headers=headers, timeout=5)
    assert answer.headers["Content-Length"] == "5017"
    assert answer.content == b""


def test_no_script_in_a_record_runs_on_our_address(waf):
    headers = requests.get(waf + NAMES[0], timeout=5).headers
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_lists_for_programs_are_there_and_no_links_to_them(waf):
    answer = requests.get(f"{waf}../index.json", timeout=5)
    assert answer.json()["folders"] == []  # the files have no rows here
    link = requests.get(waf, timeout=5).links["alternate"]
    assert link["type"] == "application/atom+xml"
    assert requests.get(f"{waf}../{link['url']}", timeout=5).text.startswith("<?xml")
    assert "<urlset" not in requests.get(f"{waf}../sitemap.xml", timeout=5).text


def test_nothing_can_be_written(waf):
    for method in ("PUT", "POST", "DELETE"):
        answer = requests.request(method, waf + NAMES[0], timeout=5)
        assert answer.status_code in {403, 405}


def test_what_is_not_there_is_404(waf):
    assert _status(f"{waf}missing.xml") == 404
    assert _status(f"{waf}../Nobody/") == 404


def test_the_rest_of_the_site_is_behind_nginx(nginx):
    answer = requests.get(f"{nginx}admin/login/", timeout=10)
    assert answer.status_code == 200
    assert "csrfmiddlewaretoken" in answer.text
    moved = requests.get(f"{nginx}waf", timeout=5, allow_redirects=False)
    assert moved.headers["Location"] == "/waf/"
