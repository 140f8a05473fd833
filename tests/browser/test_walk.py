"""From asking for an account to an error that is gone: what a provider goes through."""

import re

import pytest
import requests
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from harvests.models import HarvestRecord, HarvestSource, Organization
from tests.test_accounts import link, post, sink  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("patient_checks"),
]
GRACE = "grace@example.org"
WORD = "correct horse battery"


def sign_in(page: Page, name: str, word: str) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", word)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def ask_for_an_account(page: Page) -> None:
    page.goto("/accounts/request/")
    for name, value in (
        *(("email", GRACE), ("name", "Grace"), ("contact_name", "Howard")),
        *(("contact_email", "h@example.org"), ("password1", WORD), ("password2", WORD)),
    ):
        page.fill(f"[name={name}]", value)
    page.get_by_label("Ocean Institute").check()
    page.locator("form button[type=submit]").last.click()
    expect(page.get_by_text("mail is on its way")).to_be_visible()


def approve(page: Page) -> None:
    page.goto("/admin/auth/user/")
    page.get_by_role("row", name=re.compile(GRACE)).get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option("approve_selected")
    page.locator("button[name=index]").click()
    expect(page.get_by_text("approved").first).to_be_visible()


def register(page: Page, pasted: str) -> None:
    page.goto("/admin/harvests/harvestsource/add/")
    page.get_by_label("URL").fill(pasted)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="Found 19 records")).to_be_visible()
    expect(page.get_by_label("Kind")).to_have_value("WAF")
    assert not HarvestSource.objects.exists()
    page.fill("[name=name]", "Broken")
    page.get_by_label("Published").check()
    expect(page.locator("#next-runs")).to_contain_text("When you save it")
    page.get_by_role("button", name="Save", exact=True).click()


def follow(page: Page, work) -> None:
    """Open the job that a message links to, and watch it to its end."""
    page.get_by_role("link", name="the harvest of “Broken”").click()
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    work()
    expect(page.locator("#job")).to_contain_text("finished")


def test_from_an_account_to_an_error_that_is_gone(
    page,
    provider,
    post,  # noqa: F811
    sink,  # noqa: F811
    queues,
):
    Organization.objects.create(name="Ocean Institute")
    User.objects.create_superuser("ada", email="ada@example.org", password="secret")
    ask_for_an_account(page)
    page.goto(link([mail for mail in post() if mail[0] == GRACE]))
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_text("approv").first).to_be_visible()
    post()
    sign_in(page, "ada", "secret")
    approve(page)
    assert [receiver for receiver, _text in post()] == [GRACE]
    sign_in(page, GRACE, WORD)
    register(page, provider.url("broken").removeprefix("http://").rstrip("/"))
    source = HarvestSource.objects.get()
    assert (source.url, source.harvest_contact) == (provider.url("broken"), GRACE)
    follow(page, queues)
    page.locator(".ch-tile", has_text="with errors").click()
    page.locator("#result_list .field-name a").first.click()
    page.wait_for_url("**/change/**")
    key = re.search(r"harvestrecord/(\w+)/", page.url)[1]
    record = HarvestRecord.objects.get(pk=key)
    assert record.error_count == max(
        HarvestRecord.objects.values_list("error_count", flat=True)
    )
    expect(page.locator(".ch-finding").first).to_be_visible()
    name = record.url.rpartition("/")[2]
    requests.post(provider.url(f"broken/fix/{name}"), timeout=5)
    page.goto(source.get_absolute_url())
    page.get_by_role("button", name="Harvest now").click()
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    queues()
    expect(page.locator("#job")).to_contain_text("finished")
    page.locator("#outcomes").get_by_role("link").filter(
        has_text=record.title
    ).first.click()
    expect(page.get_by_text("None: the record is valid.")).to_be_visible()
