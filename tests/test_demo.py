"""The demo provider over real HTTP: what each source answers."""

import http.client
import importlib.util
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from lxml import etree

from demo import DemoProvider, demo_provider
from demo.cases import CASES

NAMESPACES = {
    name: f"http://www.isotc211.org/2005/{name}"
    for name in ("gmi", "gmd", "gmx", "srv", "gco")
}
ROOT = Path(__file__).parent.parent
Client = requests.Session
Schema = etree.XMLSchema


@pytest.fixture
def provider() -> Iterator[DemoProvider]:
    with demo_provider(huge=1200, delay=0.01) as running:
        yield running


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    spec = importlib.util.find_spec("d1_scimeta")
    assert spec and spec.origin
    folder = Path(spec.origin).parent / "schema" / "isotc211-noaa"
    imports = "".join(
        f'<xs:import namespace="{NAMESPACES[name]}" '
        f'schemaLocation="{(folder / name / f"{name}.xsd").as_uri()}"/>'
        for name in ("gmi", "gmd", "gmx", "srv")
    )
    xs = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    return etree.XMLSchema(etree.fromstring(f"<xs:schema {xs}>{imports}</xs:schema>"))


def links(client: Client, folder: str) -> list[str]:
    """What a folder lists, below it only."""
    page = client.get(folder).text
    hrefs = [unescape(href) for href in re.findall(r'href="([^"?]+)"', page)]
    urls = [urljoin(folder, href) for href in hrefs]
    return [url for url in urls if url.startswith(folder) and url != folder]


def crawl(client: Client, folder: str) -> list[str]:
    urls = []
    for url in links(client, folder):
        urls += crawl(client, url) if url.endswith("/") else [url]
    return urls


def schema_errors(schema: Schema, body: bytes) -> list[str]:
    schema.validate(etree.fromstring(body))
    return [f"{error.line}: {error.message}" for error in schema.error_log]


def value(body: bytes, path: str) -> str:
    return str(etree.fromstring(body).xpath(f"string({path})", namespaces=NAMESPACES))


def post(client: Client, provider: DemoProvider, control: str) -> None:
    answer = client.post(provider.url(control), allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


class TestIndexPage:
    def test_lists_every_source_with_a_sentence(
        self, provider: DemoProvider, client: Client
    ) -> None:
        page = client.get(provider.url()).text
        for name in ("good", "broken", "slow", "flaky", "huge", "forbidden"):
            assert f'<a href="/{name}/">' in page
        assert "1,200 records" in page

    def test_has_a_button_for_each_control(
        self, provider: DemoProvider, client: Client
    ) -> None:
        page = client.get(provider.url()).text
        controls = re.findall(r'<form method="post" action="/([^"]+)"', page)
        assert len(controls) == 5
        for control in controls:
            post(client, provider, control)


class TestGood:
    def test_has_24_records_at_most_two_folders_deep(
        self, provider: DemoProvider, client: Client
    ) -> None:
        records = crawl(client, provider.url("good"))
        assert len(records) == 24
        depths = [urlsplit(url).path.count("/") - 2 for url in records]
        assert (min(depths), max(depths)) == (0, 2)

    def test_records_are_valid_by_the_schema(
        self, provider: DemoProvider, client: Client, schema: Schema
    ) -> None:
        for url in crawl(client, provider.url("good")):
            assert schema_errors(schema, client.get(url).content) == [], url

    def test_identifiers_and_titles_are_unique(
        self, provider: DemoProvider, client: Client
    ) -> None:
        bodies = [
            client.get(url).content for url in crawl(client, provider.url("good"))
        ]
        for path in ("//gmd:fileIdentifier", "//gmd:title"):
            assert len({value(body, path) for body in bodies}) == 24

    def test_both_roots_occur_with_the_usual_prefixes(
        self, provider: DemoProvider, client: Client
    ) -> None:
        bodies = [client.get(url).text for url in crawl(client, provider.url("good"))]
        roots = {re.search(r"<(g\w+:\w+)", body)[1] for body in bodies}
        assert roots == {"gmd:MD_Metadata", "gmi:MI_Metadata"}

    def test_touch_changes_one_record_and_its_dates(
        self, provider: DemoProvider, client: Client
    ) -> None:
        url = provider.url("good/sst-composite-daily.xml")
        before, listed = client.get(url), client.get(provider.url("good")).text
        post(client, provider, "good/touch")
        after = client.get(url)
        for path in ("//gmd:abstract", "//gmd:dateStamp"):
            assert value(before.content, path) != value(after.content, path)
        assert before.headers["Last-Modified"] != after.headers["Last-Modified"]
        assert client.get(provider.url("good")).text != listed
        assert provider.answered["/good/touch", 303] == 1


class TestBroken:
    def test_every_case_is_listed_and_explained(
        self, provider: DemoProvider, client: Client
    ) -> None:
        urls = links(client, provider.url("broken"))
        assert urls == sorted(provider.url(f"broken/{c.name}") for c in CASES)
        readme = (ROOT / "demo/README.md").read_text()
        assert all(f"| `{case.name}` |" in readme for case in CASES)

    @pytest.mark.parametrize(
        "name, words",
        [
            ("empty-measure.xml", "Measure': '' is not a valid value"),
            ("wrong-order.xml", "abstract': This element is not expected"),
            ("no-contact.xml", "dateStamp': This element is not expected"),
            ("bad-date.xml", "'Spring 2019' is not a valid value"),
            ("fgdc.xml", "No matching global declaration"),
            ("iso19115-3.xml", "No matching global declaration"),
        ],
    )
    def test_schema_errors_say(
        self,
        provider: DemoProvider,
        client: Client,
        schema: Schema,
        name: str,
        words: str,
    ) -> None:
        body = client.get(provider.url(f"broken/{name}")).content
        assert words in schema_errors(schema, body)[0]

    @pytest.mark.parametrize("name", ["latin-1", "malformed", "error-page"])
    def test_some_are_not_xml_though_the_status_is_200(
        self, provider: DemoProvider, client: Client, name: str
    ) -> None:
        answer = client.get(provider.url(f"broken/{name}.xml"))
        assert answer.status_code == 200
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(answer.content)

    def test_some_are_valid_but_incomplete_or_odd(
        self, provider: DemoProvider, client: Client, schema: Schema
    ) -> None:
        names = [
            "no-title.xml",
            "no-identifier.xml",
            "swapped-box.xml",
            "point-box.xml",
            *(case.name for case in CASES[-5:]),
        ]
        for name in names:
            body = client.get(provider.url(f"broken/{name}")).content
            assert schema_errors(schema, body) == [], name

    def test_a_link_is_dead(self, provider: DemoProvider, client: Client) -> None:
        assert client.get(provider.url("broken/dead-link.xml")).status_code == 404

    def test_a_title_is_a_script(self, provider: DemoProvider, client: Client) -> None:
        body = client.get(provider.url("broken/script-title.xml")).content
        assert value(body, "//gmd:title") == "<script>alert(1)</script>"

    def test_fix_makes_all_valid_and_newer(
        self, provider: DemoProvider, client: Client, schema: Schema
    ) -> None:
        before = client.get(provider.url("broken/no-title.xml"))
        post(client, provider, "broken/fix")
        post(client, provider, "broken/fix")
        urls = links(client, provider.url("broken"))
        assert [schema_errors(schema, client.get(url).content) for url in urls] == [
            [] for _ in CASES
        ]
        after = client.get(provider.url("broken/no-title.xml"))
        assert value(before.content, "//gmd:title") == ""
        assert value(after.content, "//gmd:title") != ""
        assert value(before.content, "//gmd:dateStamp") < value(
            after.content, "//gmd:dateStamp"
        )

    def test_break_undoes_fix(self, provider: DemoProvider, client: Client) -> None:
        post(client, provider, "broken/fix")
        post(client, provider, "broken/break")
        assert client.get(provider.url("broken/dead-link.xml")).status_code == 404

    def test_one_record_is_fixed_alone_until_all_are_broken_again(
        self, provider: DemoProvider, client: Client
    ) -> None:
        dates = [""]
        for action, title in (
            *(("fix/no-title.xml", True), ("break", False)),
            *(("fix/no-title.xml", True), ("fix", True), ("break", False)),
        ):
            post(client, provider, f"broken/{action}")
            body = client.get(provider.url("broken/no-title.xml")).content
            assert (value(body, "//gmd:title") != "") is title
            dates.append(value(body, "//gmd:dateStamp"))
        assert dates == sorted(dates)
        assert client.get(provider.url("broken/dead-link.xml")).status_code == 404
        assert client.post(provider.url("broken/fix/none.xml")).status_code == 404


class TestUnreliableSources:
    def test_flaky_answers_when_asked_again(
        self, provider: DemoProvider, client: Client
    ) -> None:
        statuses = [
            [client.get(url).status_code for _ in range(4)]
            for url in links(client, provider.url("flaky"))
        ]
        assert statuses == [[500, 200, 500, 200]] * 11 + [[500] * 4]

    @pytest.mark.parametrize("name, status", [("forbidden", 403), ("gone", 404)])
    def test_closed_sources_answer_one_status(
        self, provider: DemoProvider, client: Client, name: str, status: int
    ) -> None:
        for path in (name, f"{name}/a.xml", f"{name}/folder/"):
            assert client.get(provider.url(path)).status_code == status

    def test_slow_waits_before_each_answer(self, client: Client) -> None:
        with demo_provider(delay=0.1) as provider:
            started = time.monotonic()
            first = links(client, provider.url("slow"))[0]
            client.get(first)
            assert time.monotonic() - started >= 0.2

    def test_shrinking_shrinks_and_comes_back(
        self, provider: DemoProvider, client: Client
    ) -> None:
        counts = [len(links(client, provider.url("shrinking")))]
        for control in ("shrinking/shrink", "shrinking/reset"):
            post(client, provider, control)
            counts.append(len(links(client, provider.url("shrinking"))))
        assert counts == [40, 4, 40]

    def test_duplicates_share_identifiers(
        self, provider: DemoProvider, client: Client
    ) -> None:
        urls = links(client, provider.url("duplicates"))
        bodies = [client.get(url).content for url in urls]
        assert len(set(bodies)) == 9
        assert len({value(body, "//gmd:fileIdentifier") for body in bodies}) == 6


class TestHuge:
    def test_lists_as_many_as_asked_for(
        self, provider: DemoProvider, client: Client
    ) -> None:
        urls = links(client, provider.url("huge"))
        assert len(set(urls)) == 1200
        assert client.get(urls[-1]).status_code == 200

    def test_listing_is_streamed(self, provider: DemoProvider, client: Client) -> None:
        answer = client.get(provider.url("huge"))
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers

    def test_records_are_valid_and_the_same_elsewhere(
        self, provider: DemoProvider, client: Client, schema: Schema
    ) -> None:
        with demo_provider() as other:
            for number in (1, 2, 3, 4, 5, 6, 1200):
                name = f"huge/huge-{number:05}.xml"
                body = client.get(provider.url(name)).content
                assert schema_errors(schema, body) == []
                assert body == client.get(other.url(name)).content

    @pytest.mark.parametrize("number", ["00000", "01201", "1", "x", "9" * 5000])
    def test_other_numbers_do_not_exist(
        self, provider: DemoProvider, client: Client, number: str
    ) -> None:
        url = provider.url(f"huge/huge-{number}.xml")
        assert client.get(url).status_code == 404


class TestHttp:
    def test_a_known_etag_answers_304(
        self, provider: DemoProvider, client: Client
    ) -> None:
        url = provider.url("good/tide-gauge-portland.xml")
        first = client.get(url)
        tag = first.headers["ETag"]
        again = client.get(url, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
        assert client.get(url, headers={"If-None-Match": '"x"'}).status_code == 200

    def test_a_date_answers_304_unless_the_etag_differs(
        self, provider: DemoProvider, client: Client
    ) -> None:
        url = provider.url("good/tide-gauge-portland.xml")
        date = client.get(url).headers["Last-Modified"]
        conditions = {"If-Modified-Since": date}
        assert client.get(url, headers=conditions).status_code == 304
        conditions["If-None-Match"] = '"x"'
        assert client.get(url, headers=conditions).status_code == 200

    @pytest.mark.parametrize(
        "date", ["yesterday", "Mon, 01 Jan 2001 00:00:00 GMT", "1 Jan 2030 00:00:00"]
    )
    def test_an_older_or_unclear_date_answers_200(
        self, provider: DemoProvider, client: Client, date: str
    ) -> None:
        url = provider.url("good/tide-gauge-portland.xml")
        answer = client.get(url, headers={"If-Modified-Since": date})
        assert answer.status_code == 200

    def test_head_tells_the_length_and_sends_no_body(
        self, provider: DemoProvider, client: Client
    ) -> None:
        url = provider.url("good/tide-gauge-portland.xml")
        head, full = client.head(url), client.get(url)
        assert head.headers["Content-Length"] == str(len(full.content))
        assert head.content == b""

    @pytest.mark.parametrize(
        "name, server, date",
        [
            ("good", "Apache", r">\d{4}-\d\d-\d\d \d\d:\d\d  <"),
            ("flaky", "nginx", r" \d\d-Jan-\d{4} \d\d:\d\d +\d+\n"),
        ],
    )
    def test_listings_look_like_their_server(
        self, provider: DemoProvider, client: Client, name: str, server: str, date: str
    ) -> None:
        answer = client.get(provider.url(name))
        assert answer.headers["Server"] == server
        assert re.search(date, answer.text)

    def test_a_folder_without_slash_redirects(
        self, provider: DemoProvider, client: Client
    ) -> None:
        for path in ("good", "good/models"):
            url = provider.url("good/").removesuffix("good/") + path
            assert client.get(url).url == f"{url}/"

    def test_unknown_paths_and_controls_answer_404(
        self, provider: DemoProvider, client: Client
    ) -> None:
        for path in ("nothing", "good/nothing/", "broken/x.xml", "good/touch"):
            assert client.get(provider.url(path)).status_code == 404
        for path in ("good/nothing", "nothing/touch", "good/tide-gauge-portland.xml"):
            assert client.post(provider.url(path)).status_code == 404

    def test_one_connection_serves_many_requests(self, provider: DemoProvider) -> None:
        connection = http.client.HTTPConnection(urlsplit(provider.url()).netloc)
        connection.connect()
        socket_at_first = connection.sock
        for method, path in [("GET", "/huge/"), ("POST", "/good/touch"), ("GET", "/")]:
            connection.request(method, path, body=b"form" if method == "POST" else None)
            connection.getresponse().read()
            assert connection.sock is socket_at_first
        connection.close()

    @pytest.mark.parametrize("length", ["100000", "-1", "x"])
    def test_an_unreadable_form_ends_the_connection(
        self, provider: DemoProvider, client: Client, length: str
    ) -> None:
        request = requests.Request("POST", provider.url("good/touch")).prepare()
        request.headers["Content-Length"] = length
        answer = client.send(request)
        assert (answer.status_code, answer.headers["Connection"]) == (413, "close")

    def test_http_1_0_gets_a_listing_without_chunks(
        self, provider: DemoProvider
    ) -> None:
        host, port = urlsplit(provider.url()).netloc.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /good/ HTTP/1.0\r\n\r\n")
            with connection.makefile("rb") as file:
                head, _, body = file.read().partition(b"\r\n\r\n")
        assert b"chunked" not in head
        assert body.startswith(b"<!DOCTYPE") and body.endswith(b"</html>\n")


class TestLife:
    def test_providers_share_no_state(
        self, provider: DemoProvider, client: Client
    ) -> None:
        post(client, provider, "shrinking/shrink")
        with demo_provider() as other:
            assert len(links(client, other.url("shrinking"))) == 40

    def test_closing_ends_open_connections_and_pauses(self) -> None:
        provider = demo_provider(delay=60)
        host, port = urlsplit(provider.url()).netloc.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /slow/ HTTP/1.1\r\n\r\n")
            started = time.monotonic()
            time.sleep(0.2)
            provider.close()
        assert time.monotonic() - started < 5
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_the_command_ends_cleanly_on_a_signal(
        self, client: Client, number: signal.Signals
    ) -> None:
        command = [sys.executable, "-m", "demo", "--port", "0"]
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            url = re.search(r"http://\S+", process.stdout.readline())[0]
            assert client.get(url).status_code == 200
            process.send_signal(number)
            assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0

    def test_the_command_explains_a_busy_port(self, provider: DemoProvider) -> None:
        port = urlsplit(provider.url()).port
        ended = run_command("--port", str(port))
        assert ended.returncode == 1
        assert f"127.0.0.1:{port} is in use" in ended.stderr

    @pytest.mark.parametrize(
        "option, words",
        [
            (["--port", "70000"], "a number from 0 to 65535"),
            (["--huge", "0"], "a number from 1 to 99999"),
            (["--host", "192.0.2.1"], "Cannot listen on 192.0.2.1:8100"),
        ],
    )
    def test_the_command_explains_bad_options(
        self, option: list[str], words: str
    ) -> None:
        ended = run_command(*option)
        assert ended.returncode in (1, 2)
        assert words in ended.stderr


def run_command(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False
    )
