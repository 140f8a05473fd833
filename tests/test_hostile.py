"""What strangers write into records, listings and forms is shown, and does nothing."""

import csv
import io
from typing import Any

import lxml.etree
import lxml.html
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from harvests import feeds, tokens
from harvests.admin.exports import FORMULA, MARK
from harvests.models import HarvestRecord, NotificationChoice
from tests import accessible, hostile
from tests.roles import cast
from tests.test_permissions import NAMED, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(settings, ckan) -> dict[str, Any]:
    return hostile.hostile_rows(ckan.url)


@pytest.fixture
def admin(rows) -> Client:
    return cast()["admin"]


def text(answer: Any) -> str:
    return answer.getvalue().decode()


def missing_in(url: str, page: str) -> list[str]:
    """Return what a page lacks; that of the API is drawn by a script not ours."""
    return [] if url == reverse("api-docs") else list(accessible.missing_in(page))


def addresses(rows: dict[str, Any]) -> list[str]:
    """Return every page, and those that a person comes to by filters and searches."""
    record, source = rows["harvestrecord"], rows["harvestsource"]
    lists = {
        "harvestrecord": f"source={source.pk}",
        "harvestoutcome": f"job={rows['harvestjob'].pk}",
        "trashedrecord": f"source={source.pk}",
        "harvestjob": f"source={source.pk}",
    }
    found = [
        f"{reverse(f'admin:harvests_{name}_changelist')}?{query}"
        for name, query in lists.items()
    ]
    asked = [record.title, record.file_id, record.url, hostile.FILE, hostile.URL]
    found += [f"{reverse('where')}?{hostile.query(q=text)}" for text in asked]
    found += [f"/?{hostile.query(q=hostile.TEXT, organization=hostile.FOLDER)}"]
    named = [url_of(name, parts, rows) for name, parts in NAMED]
    return [*found, *(url for url in named if "django_rq" not in url)]


def test_no_page_runs_what_strangers_wrote_or_leaves_anybody_out(admin, rows):
    """Nobody: who uses a screen reader, or no mouse."""
    found, seen = [], set()
    for url in addresses(rows):
        answer = admin.get(url)
        if answer.get("Content-Type", "").startswith("text/html"):
            page = text(answer) or "<p>"
            found += [f"{url}: {harm}" for harm in hostile.harm_in(page)]
            found += [f"{url}: {what}" for what in missing_in(url, page)]
            seen |= {url} if hostile.MARK in page else set()
        if answer.status_code >= 500:
            found.append(f"{url}: {answer.status_code}")
    assert not found, "\n".join(found)
    assert len(seen) > 50  # of the others there is nothing to see


def test_pages_for_anybody_leave_nobody_out(client, rows):
    names = ("admin:login", "account-request", "password-reset", "about")
    for url in [*map(reverse, names), "/accounts/verify/x/", "/nothing/here/"]:
        assert not list(accessible.missing_in(text(client.get(url)))), url


def test_a_title_is_shown_as_it_is(admin, rows):
    for row in ("harvestrecord", "harvestsource"):
        page = lxml.html.fromstring(text(admin.get(rows[row].get_absolute_url())))
        assert hostile.TEXT in page.text_content()


def xml_addresses(rows: dict[str, Any]) -> list[str]:
    source, folder = rows["harvestsource"].pk, [hostile.FOLDER]
    choice = NotificationChoice.objects.create(user=User.objects.get(username="admin"))
    return [
        *(feeds.url_of(choice), reverse("badge", args=[source])),
        *(reverse("waf-changes"), reverse("waf-feed", args=folder)),
        *(reverse("waf-sitemap"), reverse("waf-sitemap-part", args=[source, 1])),
        reverse("waf-document", args=[hostile.FOLDER, hostile.FILE]),
    ]


def test_feeds_pictures_and_sitemaps_are_good_xml(admin, rows):
    for url in xml_addresses(rows):
        answer = admin.get(url)
        root = lxml.etree.fromstring(answer.getvalue())
        assert not list(root.iter("{*}script", "{*}img"))
        for summary in root.iter("{*}summary"):
            assert not list(hostile.harm_in(f"<p>{summary.text}"))


def json_addresses(rows: dict[str, Any]) -> list[str]:
    lists = ("organizations", "sources", "jobs", "records", "findings")
    named = {"organizations": "organization", "sources": "harvestsource"}
    named |= {"jobs": "harvestjob", "records": "harvestrecord"}
    job = rows["harvestjob"].pk
    return [
        *(f"/api/v3/{name}" for name in lists),
        *(f"/api/v3/{name}/{rows[row].pk}" for name, row in named.items()),
        *(f"/api/v3/findings/{rows['cause'].pk}", f"/api/v3/jobs/{job}/outcomes"),
        *("/api/v1/Harvests", reverse("waf-folders")),
        reverse("waf-index", args=[hostile.FOLDER]),
        reverse("admin:harvests_records_json"),
    ]


def test_json_has_the_texts_as_they_are_and_is_no_page(admin, rows):
    _token, token = tokens.make(User.objects.get(username="admin"), "Walk")
    for url in json_addresses(rows):
        answer = admin.get(url, headers={"Authorization": f"Bearer {token}"})
        assert (url, answer.status_code) == (url, 200)
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert any(hostile.MARK in each for each in hostile.texts_in(answer)), url


def test_no_cell_of_a_table_is_a_formula(admin, rows):
    table = text(admin.get(reverse("admin:harvests_records_csv"))).removeprefix(
        "\ufeff"
    )
    lines = list(csv.reader(io.StringIO(table.removeprefix(MARK))))
    assert len(lines) == 1 + HarvestRecord.objects.count()
    cells = [cell for line in lines for cell in line]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert f"'{hostile.FORMULA}" in cells
