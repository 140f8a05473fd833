"""The Atom feed of events: at a secret address of each person, with conditions."""

import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from harvests.models import (
    HarvestJob,
    HarvestSource,
    NotificationChoice,
    Organization,
)
from tests.roles import cast
from tests.test_notifications import ended

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def buoys(source_of) -> HarvestSource:
    return source_of("https://example.org/", name="Buoys")


@pytest.fixture
def member() -> Client:
    return cast()["member"]


def feed_of(client: Client) -> str:
    """Make the address of a person's feed, and return its path."""
    page = client.post(reverse("account-feed"), follow=True).content.decode()
    return re.search(r'href="http://[^/]+(/feeds/[^"]+)"', page)[1]


def titles(answer: object) -> list[str]:
    root = ElementTree.fromstring(answer.content)
    return [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


def test_a_feed_reader_gets_what_changed(buoys, member):
    ended(buoys)
    ended(buoys, "failed", "The server is <away>.")
    answer = Client().get(feed_of(member))
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert titles(answer) == ["Failing: Buoys", "First harvest: Buoys"]
    root = ElementTree.fromstring(answer.content)
    entry = root.find(f"{ATOM}entry")
    assert "The server is &lt;away&gt;." in entry.findtext(f"{ATOM}summary")
    assert buoys.get_absolute_url() in entry.find(f"{ATOM}link").get("href")
    ids = [each.findtext(f"{ATOM}id") for each in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == 2


def test_a_feed_is_sent_again_only_when_it_changed(buoys, member):
    ended(buoys)
    path, reader = feed_of(member), Client()
    answer = reader.get(path)
    known = {"If-None-Match": answer["ETag"]}
    assert reader.get(path, headers=known).status_code == 304
    assert reader.head(path)["ETag"] == answer["ETag"]
    ended(buoys, "failed")
    assert titles(reader.get(path, headers=known))[0] == "Failing: Buoys"


def test_a_feed_of_one_source_or_organization(buoys, source_of, member):
    waves = source_of("https://example.org/waves/", name="Waves")
    ended(buoys)
    ended(waves)
    path, reader = feed_of(member), Client()
    assert titles(reader.get(path, {"source": waves.pk})) == ["First harvest: Waves"]
    assert len(titles(reader.get(path, {"organization": "Ocean Institute"}))) == 2
    assert titles(reader.get(path, {"organization": "River Office"})) == []


def test_an_address_is_good_until_there_is_a_new_one_and_for_members_only(member):
    old, reader = feed_of(member), Client()
    assert reader.get(old).status_code == 200
    new = feed_of(member)
    assert (reader.get(old).status_code, reader.get(new).status_code) == (404, 200)
    assert reader.post(new).status_code == 405
    User.objects.filter(username="member").update(is_staff=False)
    assert reader.get(new).status_code == 404


def test_looking_at_the_choice_stores_nothing(member):
    page = member.get(reverse("account-notifications")).content.decode()
    assert "Mails go to member@example.org" in page
    assert "make its address first" in page
    assert not NotificationChoice.objects.exists()


@pytest.mark.parametrize("odd", ["\x01", "\ufffe", "\x0b"])
def test_no_text_breaks_the_feeds_of_all(organization, source_of, member, odd):
    institute = Organization.objects.create(name=f"Institute{odd}")
    source = source_of("https://example.org/", name=f"A{odd}B", organization=institute)
    job = ended(source, "failed", f"It says {odd}.")
    job.outcomes.create(
        url=f"https://example.org/{odd}", outcome="added", file_name=f"{odd}.xml"
    )
    HarvestJob.objects.update(added=1)
    assert titles(Client().get(feed_of(member))) == ["Failing: AB"]
    whole = Client().get("/waf/changes.atom")
    part = Client().get(reverse("waf-feed", args=[institute.name]))
    for answer in (whole, part):
        assert len(titles(answer)) == 1


@pytest.mark.parametrize("odd", ["\x01", "\ufffe", "\x85", "\n"])
def test_a_name_with_a_control_character_is_refused(organization, source_of, odd):
    source = source_of("https://example.org/", name=f"A{odd}B")
    for item in (source, Organization(name=f"A{odd}B")):
        with pytest.raises(ValidationError) as refused:
            item.full_clean()
        assert "name" in refused.value.message_dict
