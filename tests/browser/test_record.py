"""A record in a real browser: from a finding to its line, the map, the downloads."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from harvests import jobs
from harvests.models import HarvestRecord
from tests.browser.test_admin import fits

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = "/admin/harvests/harvestrecord/"


@pytest.fixture
def record(provider, source_of) -> HarvestRecord:
    """A record with its edges swapped, and a harvest behind it."""
    source = jobs.run_now(source_of(provider.url("broken"), name="Broken")).source
    return source.records.get(url__endswith="swapped-box.xml")


def background(page: Page, selector: str) -> str:
    return page.locator(selector).evaluate("e => getComputedStyle(e).backgroundColor")


def test_from_a_finding_to_its_line_in_the_document(signed_in, record):
    page = signed_in
    page.goto(f"{RECORDS}{record.pk}/change/")
    page.get_by_role("link", name="1 error").click()
    expect(page.get_by_text("Exchange the two numbers.")).to_be_in_viewport()
    line = record.findings[0]["line_number"]
    page.get_by_role("link", name=f"line {line}").click()
    page.wait_for_url(f"**/xml/#L{line}")
    expect(page.locator(f"#L{line}")).to_be_in_viewport()
    assert "EX_GeographicBoundingBox" in page.locator(f"#L{line}").inner_text()
    assert background(page, f"#L{line}") != background(page, f"#L{line + 1}")
    page.locator(f"#L{line + 1} a").click()
    page.wait_for_url(f"**/xml/#L{line + 1}")


def test_the_lines_can_be_read_and_linked_to_without_scripts(
    signed_in, browser: Browser, record
):
    cookies = signed_in.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    site = signed_in.url.rstrip("/")
    page.goto(f"{site}{RECORDS}{record.pk}/xml/#L120")
    expect(page.locator("#L120")).to_be_in_viewport()
    page.goto(f"{site}{RECORDS}{record.pk}/change/")
    expect(page.get_by_text("Exchange the two numbers.")).to_be_visible()
    context.close()


def test_the_map_shows_land(signed_in, record):
    page = signed_in
    with page.expect_response("**/land.svg") as land:
        page.goto(f"{RECORDS}{record.pk}/change/")
    assert land.value.ok
    expect(page.get_by_role("img", name="The extent, close up")).to_be_visible()
    expect(page.locator(".ch-area").first).to_be_visible()
    box = page.locator(".ch-land").first.bounding_box()
    assert box is not None
    assert box["width"] > 100


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_what_is_filtered_is_downloaded(signed_in, record, ending):
    page = signed_in
    page.goto(f"{RECORDS}?errors=yes&failing=no")
    with page.expect_download() as download:
        page.get_by_role("link", name=ending.upper()).click()
    name = download.value.suggested_filename
    assert re.fullmatch(rf"records-\d{{4}}-\d\d-\d\d\.{ending}", name)
    text = download.value.path().read_text("utf-8-sig")
    assert text.count("swapped-box.xml") == 1
    assert "fgdc.xml" not in text


@pytest.mark.parametrize("width", [400, 1300])
def test_a_long_line_widens_no_page(signed_in, record, folder, width):
    page = signed_in
    folder.stage(record.file_name, f"<a>\n<b>{'x' * 9_000}</b>\n</a>".encode())
    folder.commit()
    record.validation_errors[0] |= {"line_number": 2, "xpath": "/a/b"}
    record.save()
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("xml/", "change/"):
        page.goto(f"{RECORDS}{record.pk}/{path}")
        assert fits(page), path
