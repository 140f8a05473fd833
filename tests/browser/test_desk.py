"""What staff decide at the page of a source: what goes, what comes back, what ends."""

import re

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Page, expect

from harvests import jobs
from harvests.models import HarvestSource
from tests.browser.test_admin import fits

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = 5  # seconds; two where nothing else runs


def open_from_the_dashboard(page: Page, name: str) -> None:
    page.goto("/")
    page.locator("#sources").get_by_role("link", name=name).click()
    expect(page.locator(".ch-bar h2").first).to_have_text(name)


def approve(page: Page, work) -> None:
    page.goto("/")
    page.locator("#attention").get_by_role("link", name="Decide").click()
    expect(page.get_by_text("no longer lists 36 records of 40")).to_be_visible()
    page.get_by_role("button", name="Approve: remove all 36").click()
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    work()
    expect(page.locator("#job")).to_contain_text("finished")
    expect(page.locator(".ch-tile", has_text="removed")).to_contain_text("36")


def restore(page: Page) -> None:
    open_from_the_dashboard(page, "Shrinking")
    page.locator("#trash").get_by_role("button", name="Restore").first.click()
    expect(page.get_by_text("1 record is in the central WAF again.")).to_be_visible()
    expect(page.get_by_text("1 record is kept by hand").first).to_be_visible()


def watch(page: Page) -> None:
    """See the bar of the job's page move twice, by itself."""
    bar = page.locator("#job").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^[1-9]"))
    before = bar.get_attribute("aria-valuenow")
    expect(bar).not_to_have_attribute("aria-valuenow", before)


def cancel(page: Page, slow: HarvestSource, start_worker) -> None:
    """Forty records at a leisurely pace; what was fetched before the button stays."""
    start_worker()
    open_from_the_dashboard(page, "Slow")
    page.get_by_role("button", name="Harvest now").click()
    watch(page)
    page.goto("/")
    row = page.locator("#running li", has_text="Slow")
    expect(row.get_by_role("progressbar")).to_be_visible()
    pressed = timezone.now()
    row.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("stops in a moment")).to_be_visible()
    expect(page.locator("#running li")).to_have_count(0)
    job = slow.jobs.get()
    page.goto(job.get_absolute_url())
    expect(page.locator("#job")).to_contain_text("Cancelled by ada.")
    assert (job.finished - pressed).total_seconds() < PROMPT
    assert 0 < job.added == slow.records.count() < job.num_records == 40


def be_told(page: Page, source: HarvestSource) -> None:
    """Who has the dashboard open learns that a harvest ended."""
    page.goto("/")
    jobs.run_now(source)
    flash = page.locator(".ch-flash", has_text="Shrinking")
    expect(flash).to_contain_text("finished")
    flash.get_by_role("button", name="Close").click()
    expect(page.locator(".ch-flash")).to_have_count(0)


def delete(page: Page, work) -> None:
    open_from_the_dashboard(page, "Shrinking")
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_text(re.compile("5 records"))).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("is being deleted").first).to_be_visible()
    work()
    page.goto("/")
    expect(page.locator("#sources").get_by_role("link", name="Slow")).to_be_visible()
    expect(page.get_by_text("Shrinking")).to_have_count(0)


def test_from_held_removals_to_a_source_that_is_gone(
    signed_in, shrinking, provider, source_of, queues, worker
):
    page = signed_in
    pace = {"connections": 1, "delay": 0.5, "publish": True}
    slow = source_of(provider.url("slow"), name="Slow", **pace)
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking)
    approve(page, queues)
    restore(page)
    for width in (400, 1300):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/", shrinking.get_absolute_url()):
            page.goto(path)
            assert fits(page), (width, path)
    be_told(page, shrinking)
    delete(page, queues)
    cancel(page, slow, worker)
