"""A source behind a login is harvested, and its secrets stay where they belong."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import serializers

from harvests import conf, deletion_job, jobs
from harvests.models import (
    AccessError,
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Secrets,
    SourceAccess,
)
from harvests.models.access import SECRETS, server_of
from harvests.pipeline.errors import GatherError
from harvests.pipeline.types import Box, Profile, Selection
from tests import misbehaving
from tests.behaviours import Behaviour, Exchange, sends

pytestmark = pytest.mark.django_db(transaction=True)
RECORD = (Path(__file__).parent / "data" / "records" / "buoy.xml").read_bytes()
LISTING = b'<html><title>Index of /waf/</title><a href="buoy.xml">buoy.xml</a></html>'
PASSWORD = "Zwölf-Boxkämpfer: jagen"
LOGIN = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()


def guarded(answer: Behaviour) -> Behaviour:
    """Answer only who knows the password."""

    def behave(exchange: Exchange) -> None:
        if exchange.headers.get("authorization") == LOGIN:
            answer(exchange)
        else:
            exchange.answer(401, 'WWW-Authenticate: Basic realm="waf"')

    return behave


@pytest.fixture
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        running.at["/waf/"] = guarded(sends(LISTING, "Content-Type: text/html"))
        running.at["/waf/buoy.xml"] = guarded(sends(RECORD))
        yield running


def with_access(source: HarvestSource, secrets: Secrets, **fields) -> SourceAccess:
    access = SourceAccess(source=source, **fields)
    access.seal(secrets)
    access.save()
    return access


@pytest.fixture
def source(server, source_of) -> HarvestSource:
    made = source_of(server.url("waf/"), name="Guarded")
    with_access(made, Secrets(password=PASSWORD), username="ada")
    return made


def everything_stored() -> str:
    kinds = (HarvestSource, SourceAccess, HarvestJob, HarvestOutcome, HarvestRecord)
    return "".join(serializers.serialize("json", kind.objects.all()) for kind in kinds)


def test_a_source_behind_a_login_is_harvested(source, counts):
    job = jobs.run_now(source)
    assert (job.status, job.message) == ("finished", "")
    assert counts(job) == {"added": 1}


def test_the_password_shows_nowhere(source, caplog):
    caplog.set_level(logging.DEBUG)
    assert jobs.run_now(source).added == 1
    SourceAccess.objects.get().stored()
    seen = everything_stored() + caplog.text + repr(conf.access_of(source))
    for word in ("Zwölf", "Boxk", json.dumps("Zwölf")[1:-1], LOGIN.split()[1][4:12]):
        assert word not in seen


def test_without_the_password_the_job_says_what_is_missing(source):
    SourceAccess.objects.all().delete()
    job = jobs.run_now(source)
    assert job.status == "failed"
    assert "401" in job.message


def test_a_source_that_moved_by_any_way_does_not_take_its_password(source, server):
    HarvestSource.objects.update(url=source.url.replace("127.0.0.1", "127.0.0.2"))
    source.refresh_from_db()
    job = jobs.run_now(source)
    assert job.status == "failed"
    assert "were entered for http://127.0.0.1" in job.message
    assert "enter them again" in job.message
    assert server.seen == []


def test_with_another_key_the_job_says_what_to_do(source, settings):
    settings.SECRET_KEY = "another"
    job = jobs.run_now(source)
    assert job.status == "failed"
    assert "“Guarded” cannot be read with the present SECRETS_KEY" in job.message
    source.refresh_from_db()
    assert source.last_message == job.message


def test_a_source_takes_its_access_along_when_it_goes(source):
    jobs.run_now(source)
    deletion_job.delete_source(source.pk)
    assert not SourceAccess.objects.exists()


def test_the_access_is_a_document_of_its_own(source):
    assert SourceAccess._meta.db_table == "Access"
    stored = {field.name for field in HarvestSource._meta.concrete_fields}
    assert not stored & {*SECRETS, "sealed", "username", "proxy"}


@pytest.mark.parametrize(
    ("before", "now", "reaches"),
    [
        ("https://a.org/x", "https://a.org:443/y", True),
        ("http://a.org/", "https://A.org/", True),
        ("https://a.org/", "http://a.org/", False),
        ("http://a.org:81/", "https://a.org/", False),
        ("http://a.org/", "https://b.org/", False),
        ("https://a.org/", "https://a.org:444/", False),
    ],
)
def test_secrets_are_for_their_server_and_its_https(source_of, before, now, reaches):
    source = source_of(before)
    access = with_access(source, Secrets(token="t"))
    source.url = now
    if reaches:
        assert access.secrets.token == "t"
    else:
        with pytest.raises(AccessError, match="were entered for"):
            _ = access.secrets


@pytest.mark.parametrize(("proxy", "reaches"), [("", True), ("http://q:1", False)])
def test_secrets_do_not_go_by_another_proxy(source_of, proxy, reaches):
    access = with_access(
        source_of("https://a.org/"), Secrets(token="t"), proxy="http://p:1"
    )
    access.proxy = proxy
    if reaches:
        assert access.secrets.token == "t"
    else:
        with pytest.raises(AccessError, match="through the proxy http://p:1"):
            _ = access.secrets


def test_a_url_that_leads_nowhere_is_no_server():
    assert server_of("https://a.org:99999/") == "https://a.org:99999/"
    assert server_of("") == ""


def test_the_password_of_a_proxy_joins_its_address(source_of):
    source = source_of("https://a.org/")
    with_access(source, Secrets(proxy_password="p@ss/1"), proxy="http://me@p:3128")
    assert conf.access_of(source).proxy == "http://me:p%40ss%2F1@p:3128"


def test_a_source_without_wishes_gets_what_the_site_has(source_of):
    source = source_of("https://a.org/")
    assert conf.fetch_policy(source) == conf.fetch_policy()
    assert conf.selection_of(source) == Selection()
    assert conf.profile_of(source) == Profile()
    assert str(SourceAccess.of(source)) == "Access of https://a.org/"


def test_a_source_gets_what_it_wishes(source_of, settings):
    settings.ROBOTS_MAX_DELAY = 7
    source = source_of(
        "https://a.org/", connections=2, delay=1.5, timeout=9, idle_timeout=8
    )
    source.robots, source.user_agent = True, "Ours"
    policy = conf.fetch_policy(source)
    assert (policy.connections_per_host, policy.delay) == (2, 1.5)
    assert (policy.total_timeout, policy.idle_timeout) == (9, 8)
    assert (policy.robots, policy.max_crawl_delay) == (True, 7)
    assert policy.user_agent == "Ours"


def test_a_source_chooses_its_records(source_of):
    source = source_of("https://a.org/", include="a*\n\n b* ", exclude="c*")
    source.cql, source.bbox = " x = 1 ", "-98,18,-80,31"
    box = Box(west=-98, east=-80, south=18, north=31)
    wanted = Selection(("a*", "b*"), ("c*",), cql="x = 1", box=box)
    assert conf.selection_of(source) == wanted


def test_a_box_that_others_wrote_wrongly_fails_the_job(source_of):
    source = source_of("https://a.org/", bbox="1,2,3")
    with pytest.raises(GatherError, match="is '1,2,3': expected west,south,east,north"):
        conf.selection_of(source)


def test_a_job_heeds_patterns_and_profile(good, folder, counts):
    good.exclude, good.check_schema, good.check_rules = "*[02468].xml", False, False
    good.save()
    job = jobs.run_now(good)
    assert job.status == "finished"
    assert 0 < counts(job)["added"] < 24


def test_a_user_name_alone_stays_with_its_server(source_of):
    source = source_of("https://a.org/")
    with_access(source, Secrets(), username="ada")
    assert conf.access_of(source).username == "ada"
    source.url = "https://thief.org/"
    with pytest.raises(GatherError, match="were entered for https://a.org:443"):
        conf.access_of(source)


def test_a_user_name_that_was_entered_for_no_known_server_is_not_sent(source_of):
    source = source_of("https://a.org/", name="Buoys")
    SourceAccess.objects.create(source=source, username="ada")
    with pytest.raises(GatherError, match="“Buoys” was entered for a server that is"):
        conf.access_of(source)
