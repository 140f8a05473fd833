"""What a server was sent is not told, even if it quotes it."""

import base64
import threading
from dataclasses import replace

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.masking import HIDDEN, Mask
from harvests.pipeline.preview import preview
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import Access, Outcome, Plan
from tests import misbehaving
from tests.pipeline.test_runner import POLICY

PASSWORD = "s3cret & søster"
LOGIN = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("access", "said"),
    [
        ({"username": "ann", "password": PASSWORD}, f"Basic {LOGIN}"),
        ({"username": "ann", "password": PASSWORD}, f"password={PASSWORD}!"),
        ({"password": PASSWORD}, "p=s3cret%20%26%20s%C3%B8ster"),
        ({"password": PASSWORD}, "p=s3cret+%26+s%C3%B8ster"),
        ({"token": "abcdefgh"}, "Bearer abcdefgh."),
        ({"headers": (("X-Key", "k-12345"),)}, "your key k-12345"),
        ({"proxy": "http://ann:hunt%2Fer@proxy:3128"}, "login ann:hunt/er"),
        ({"username": "api-key-as-name"}, "Basic YXBpLWtleS1hcy1uYW1lOg"),
    ],
)
def test_every_way_to_write_a_secret_is_hidden(access, said):
    shown = Mask(Access("https://x/", **access)).text(said)
    assert HIDDEN in shown
    for secret in (PASSWORD, LOGIN, "abcdefgh", "k-12345", "hunt", "YXBp"):
        assert secret not in shown


def test_what_is_short_or_absent_hides_nothing():
    assert Mask(None).text("a b c") == "a b c"
    assert Mask(Access("https://x/", password="ab")).text("abc") == "abc"


def test_other_errors_stay_as_they_are():
    error = ValueError(PASSWORD)
    assert Mask(Access("https://x/", password=PASSWORD)).error(error) is error


@pytest.fixture
def site():
    with misbehaving.server() as running:
        yield running


def fetcher(url: str) -> Fetcher:
    access = Access(url, username="ann", password=PASSWORD)
    return Fetcher(replace(POLICY, access=access))


def test_a_record_that_quotes_the_login_fails_without_it(site, tmp_path):
    url = site.url("echo")
    folder, ledger = Folder(tmp_path, trash=tmp_path / TRASH), FileLedger(tmp_path, url)
    tools = Tools(fetcher(url), folder, ledger, threading.Event())
    told: list[str] = []
    with pytest.raises(GatherError, match=f"Basic {HIDDEN}"):
        for event in harvest(Plan("DOCUMENT", url), tools, cancelled=lambda: False):
            told += [event.message] if isinstance(event, Outcome) else []
    ledger.close()
    assert f"Basic {HIDDEN}" in told[0]
    assert LOGIN not in told[0]


def test_a_listing_that_quotes_the_login_fails_without_it(site, tmp_path):
    url = site.url("echo")
    folder, ledger = Folder(tmp_path, trash=tmp_path / TRASH), FileLedger(tmp_path, url)
    tools = Tools(fetcher(url), folder, ledger, threading.Event())
    with pytest.raises(GatherError, match=f"title 'Basic {HIDDEN}'"):
        list(harvest(Plan("WAF", url), tools, cancelled=lambda: False))
    ledger.close()


@pytest.mark.parametrize("kind", ["DOCUMENT", "WAF"])
def test_a_preview_does_not_tell_it_either(site, kind):
    url = site.url("echo")
    seen = preview(Plan(kind, url), fetcher(url), seconds=5)
    assert HIDDEN in str(seen)
    assert LOGIN not in str(seen)
