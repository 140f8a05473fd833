"""From a finding to the line in the XML, and from a title to where it stopped."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from harvests import jobs
from harvests.models import Cause
from tests.browser.test_admin import fits

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_menu_to_the_line(signed_in, provider, source_of):
    page = signed_in
    jobs.run_now(source_of(provider.url("broken"), name="Broken"))
    page.get_by_role("link", name="Findings").first.click()
    page.get_by_role("link", name=re.compile("southern edge")).click()
    expect(page.get_by_text("1 cause, 1 record")).to_be_visible()
    expect(page.get_by_text("Exchange the two numbers.")).to_be_visible()
    lasting = page.url
    page.get_by_role("link", name=re.compile(r"^line \d+")).click()
    expect(page.locator(":target")).to_contain_text("gmd:EX_GeographicBoundingBox")
    page.goto(lasting)
    page.get_by_role("link", name="All its records").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


@pytest.fixture
def plain(browser, live_server, db) -> Page:
    """A page without scripts, signed in."""
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{**cookie, "url": live_server.url}])
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_a_dataset_is_found_without_scripts(plain, provider, source_of):
    source = source_of(provider.url("broken"), name="Broken")
    jobs.run_now(source)
    plain.goto("/admin/where/")
    plain.get_by_role("searchbox", name="Title").fill(provider.url("broken/fgdc.xml"))
    plain.get_by_role("button", name="Find").click()
    expect(plain.get_by_text("This is an FGDC CSDGM record")).to_be_visible()
    expect(plain.locator(".ch-way li")).to_have_count(4)
    plain.get_by_role("link", name="Findings").click()
    plain.get_by_role("link", name=re.compile("southern edge")).click()
    expect(plain.get_by_text("1 cause, 1 record")).to_be_visible()


@pytest.mark.parametrize("width", [400, 1300])
def test_the_pages_fit_the_window(signed_in, provider, source_of, width):
    page = signed_in
    jobs.run_now(source_of(provider.url("broken"), name="Broken " * 20))
    page.set_viewport_size({"width": width, "height": 900})
    causes = [f"harvests/cause/{cause.pk}/change/" for cause in Cause.objects.all()[:3]]
    for path in (
        *("harvests/cause/", "harvests/cause/problems/", "where/"),
        *("where/?q=buoy", f"where/?q={provider.url('broken/new.xml')}", *causes),
    ):
        page.goto(f"/admin/{path}")
        assert fits(page), path
