"""What staff do with a mouse, from signing in to reading a finding."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from harvests import jobs
from harvests.models import HarvestJob

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_from_a_source_to_the_finding_in_a_record(
    signed_in, provider, source_of, queues
):
    page = signed_in
    source_of(provider.url("broken"), name="Broken", publish=True)
    page.get_by_role("link", name="Sources").first.click()
    page.get_by_role("link", name="Broken").click()
    page.get_by_role("button", name="Harvest now", exact=True).click()
    expect(page.get_by_text("Queued: the harvest of “Broken”.")).to_be_visible()
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    queues()  # the page notices by itself that the job ended
    expect(page.locator("#job")).to_contain_text("finished", ignore_case=True)
    expect(page.locator(".ch-tile", has_text="added")).to_contain_text("14")
    expect(page.locator("#outcomes")).to_contain_text("dead-link.xml")
    page.locator(".ch-tile", has_text="with errors").click()
    page.get_by_role("link", name=re.compile("northern Gulf of Mexico")).click()
    expect(page.get_by_text("gmd:abstract is not allowed here").first).to_be_visible()


def test_a_button_in_the_list_starts_and_cancels(signed_in, good, queues):
    page = signed_in
    page.goto("/admin/harvests/harvestsource/")
    page.get_by_role("link", name="Harvest Good now").click()
    expect(page.get_by_text("It is not published")).to_be_visible()
    page.get_by_role("button", name="Harvest now").click()
    page.wait_for_url("**/harvestsource/")
    expect(page.get_by_text("Queued: the harvest of “Good”.")).to_be_visible()
    page.get_by_role("button", name="Cancel the harvest of Good").click()
    expect(page.get_by_text("stops in a moment")).to_be_visible()
    assert good.jobs.get().status == "cancelled"


def test_the_filters_narrow_the_list(signed_in, good, shrinking):
    page = signed_in
    jobs.run_now(good)
    page.goto("/admin/harvests/harvestsource/")
    page.locator("a", has_text="Filters").click()
    page.get_by_label("Last harvest").select_option("never")
    page.get_by_role("button", name="Apply Filters").click()
    page.wait_for_url("**status=never**")
    expect(page.get_by_role("link", name="Shrinking", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Good", exact=True)).to_have_count(0)


def test_a_script_in_a_title_does_not_run(signed_in, provider, source_of):
    page = signed_in
    job = jobs.run_now(source_of(provider.url("broken")))
    record = job.source.records.get(url__endswith="script-title.xml")
    for path in ("harvestrecord/", f"harvestrecord/{record.pk}/change/"):
        page.goto(f"/admin/harvests/{path}")
        expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()


@pytest.mark.parametrize("width", [400, 1300])
def test_no_page_is_wider_than_the_window(signed_in, provider, source_of, width):
    page = signed_in
    job = jobs.run_now(source_of(provider.url("broken"), name="Broken " * 20))
    record = job.source.records.order_by("-error_count").first()
    ada = User.objects.get()
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        *("", "harvests/harvestsource/", "harvests/harvestjob/"),
        *("harvests/harvestrecord/", f"harvests/harvestsource/{job.source.pk}/change/"),
        f"harvests/harvestjob/{job.pk}/change/",
        f"harvests/harvestrecord/{record.pk}/change/",
        *("harvests/harvestoutcome/", "harvests/trashedrecord/"),
        f"auth/user/{ada.pk}/change/",
    ):
        page.goto(f"/admin/{path}")
        assert fits(page), path


def test_a_running_job_is_readable_without_scripts(browser, live_server, good):
    job = HarvestJob.objects.start_for(good)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(f"/admin/harvests/harvestjob/{job.pk}/change/")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    job.cancel("ada")  # the page reloads itself
    expect(page.get_by_text("Cancelled by ada.")).to_be_visible()
    context.close()


NAMELESS = """() => [...document.querySelectorAll("a[href], button, [role=button]")]
    .filter(part => part.checkVisibility() && !part.ariaLabel && !part.title)
    .filter(part => ![...part.childNodes].some(node => node.textContent.trim() &&
        !(node.className ?? "").includes("material-symbols")))
    .map(part => part.outerHTML)"""


def test_without_a_mouse_people_open_menus_and_leave(signed_in, good):
    page = signed_in
    page.set_viewport_size({"width": 400, "height": 900})
    page.goto("/admin/harvests/harvestsource/")
    assert page.evaluate(NAMELESS) == []
    expect(page.get_by_role("checkbox", name="Choose Good")).to_be_visible()
    dashboard = page.locator("nav, aside, #nav-sidebar").get_by_text("Dashboard")
    expect(dashboard.first).not_to_be_visible()
    page.get_by_role("button", name="Menu").first.press("Enter")
    expect(dashboard.first).to_be_visible()
    page.get_by_role("button", name="Your account").press(" ")
    page.get_by_role("button", name="Log out").press("Enter")
    page.wait_for_url("**/about/")
