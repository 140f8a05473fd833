"""The sidebar, organizations, users, and what every page costs."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import User

from harvests.models import (
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Membership,
    Organization,
    TrashedRecord,
)

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("harvestsource", "harvestjob", "harvestrecord", "harvestoutcome")
LISTS = (*LISTS, "trashedrecord", "organization")


@pytest.fixture
def thirty(organization) -> None:
    """Thirty rows of everything, each with another source."""
    names = [Organization(name=f"Organization {n}") for n in range(30)]
    Organization.objects.bulk_create(names)
    sources = [
        HarvestSource(name=f"S{n}", url=f"https://example.org/{n}/", organization=name)
        for n, name in enumerate(names)
    ]
    HarvestSource.objects.bulk_create(sources)
    rows = [HarvestJob(source=source, status="finished") for source in sources]
    HarvestJob.objects.bulk_create(rows)
    outcomes = [HarvestOutcome(job=job, url="u", outcome="added") for job in rows]
    HarvestOutcome.objects.bulk_create(outcomes)
    for model, extra in ((HarvestRecord, {}), (TrashedRecord, {"row": {}})):
        model.objects.bulk_create(
            [model(source=source, url="u", **extra) for source in sources]
        )


def test_a_list_of_thirty_rows_takes_few_queries(
    ada, thirty, address, django_assert_max_num_queries
):
    for name in LISTS:
        with django_assert_max_num_queries(12, info=name):
            page = ada.get(address(f"{name}_changelist"))
        assert page.context["cl"].result_count >= 30


def test_a_list_counts_no_further_than_it_must(ada, thirty, address, monkeypatch):
    monkeypatch.setattr("harvests.admin.base.COUNTED", 20)
    page = ada.get(address("harvestrecord_changelist"))
    assert page.context["cl"].result_count == 20
    assert "search or filter to see others" in page.content.decode()


def test_a_page_that_a_filter_left_empty_becomes_the_first(
    ada, thirty, address, monkeypatch
):
    monkeypatch.setattr("harvests.admin.base.CheapList.list_per_page", 10)
    query = {"p": "9", "failing": "no"}
    page = ada.get(address("harvestrecord_changelist"), query)
    assert page.context["cl"].page_num == 1
    assert len(page.context["cl"].result_list) == 10


def test_the_sidebar_shows_what_a_person_may_use(ada, vera):
    assert "/admin/django_rq/" in ada.get("/").content.decode()
    page = vera.get("/").content.decode()
    assert "/admin/harvests/harvestrecord/" in page
    assert "/admin/django_rq/" not in page
    assert "/admin/auth/user/" not in page


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/admin/auth/user/"])
def test_nothing_is_loaded_from_another_host(ada, path):
    page = ada.get(path, follow=True).content.decode()
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page)
    assert tags
    assert not [tag for tag in tags if re.search(r"(?:src|href)=.(?:https?:)?//", tag)]


def test_the_page_is_not_hidden_where_no_script_runs(ada):
    page = ada.get("/").content.decode()
    assert "<noscript><style>[x-cloak] { display: revert" in page


def test_the_queue_has_its_page(ada, queues):
    assert "housekeeping" in ada.get("/admin/django_rq/").content.decode()


@pytest.mark.parametrize("page", ["", "queues/0/", "queues/0/empty/", "stats.json"])
def test_the_queue_is_for_superusers_only(vera, queues, page):
    answer = vera.get(f"/admin/django_rq/{page}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_the_name_of_an_organization_is_fixed_once_given(ada, address):
    ada.post(address("organization_add"), {"name": "GCOOS"})
    gcoos = Organization.objects.get()
    page = ada.get(address("organization_change", gcoos)).content.decode()
    assert "It cannot be changed later" in page
    changes = {"name": "Other", "description": "Gulf"}
    ada.post(address("organization_change", gcoos), changes)
    gcoos.refresh_from_db()
    assert (gcoos.name, gcoos.description) == ("GCOOS", "Gulf")


def test_an_organization_with_sources_cannot_be_deleted(ada, good, address):
    owner = good.organization
    page = ada.get(address("organization_delete", owner)).content.decode()
    ada.post(address("organization_delete", owner), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [owner.pk]}
    ada.post(address("organization_changelist"), {**chosen, "post": "yes"})
    selected = ada.post(address("organization_changelist"), chosen).content.decode()
    for told in (page, selected):
        assert "Delete these sources first" in told
        assert f'<a href="{address("harvestsource_change", good)}">Good</a>' in told
    assert Organization.objects.exists()


def test_an_organization_without_sources_can_be_deleted(ada, organization, address):
    ada.post(address("organization_delete", organization), {"post": "yes"})
    assert not Organization.objects.exists()


def test_who_will_be_no_member_any_more_is_named(ada, vera, organization, address):
    member = User.objects.get(username="vera")
    Membership.objects.create(user=member, organization=organization)
    page = ada.get(address("organization_delete", organization)).content.decode()
    assert "vera in Ocean Institute" in page


def test_times_of_the_frameworks_pages_are_written_as_ours(ada):
    """Of the profile, the history, a token: 2026-12-01 02:18 UTC, not 2:18 a.m."""
    user = User.objects.get(username="ada")
    user.date_joined = dt.datetime(2026, 12, 1, 14, 5, tzinfo=dt.UTC)
    user.save()
    page = ada.get(f"/admin/auth/user/{user.pk}/change/").content.decode()
    assert "2026-12-01 14:05 UTC" in page


def test_where_something_is_added_the_page_says_so(ada, address):
    def head(name: str) -> str:
        page = ada.get(address(name)).content.decode()
        return re.sub(r"\s+", " ", page.partition("<h1")[2].partition("</h1>")[0])

    assert ">Add source<" in head("harvestsource_add")
    assert ">Add organization<" in head("organization_add")
    assert ">Add" not in head("harvestsource_changelist")
    assert "Signs in as" in ada.get("/admin/auth/user/add/").content.decode()


def test_users_are_managed(ada):
    word = "correct horse battery"
    fields = {"username": "grace", "password1": word, "password2": word}
    ada.post("/admin/auth/user/add/", {**fields, "usable_password": "true"})
    grace = User.objects.get(username="grace")
    for path in (f"user/{grace.pk}/change", "user"):
        assert ada.get(f"/admin/auth/{path}/").status_code == 200
    changed = {"username": "grace", "is_staff": "on"}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
    ada.post(f"/admin/auth/user/{grace.pk}/change/", {**changed, **joined})
    assert User.objects.get(pk=grace.pk).is_staff


def test_a_wrong_password_is_told_once(client, db):
    answer = client.post("/admin/login/", {"username": "ada", "password": "wrong"})
    page = answer.content.decode()
    assert page.count("errornote") == 1
    assert "correct e-mail address and password" in page


def test_who_signs_in_comes_to_the_dashboard(client):
    User.objects.create_superuser("ada", password="secret")
    answer = client.post("/admin/login/", {"username": "ada", "password": "secret"})
    assert answer.url == "/"
