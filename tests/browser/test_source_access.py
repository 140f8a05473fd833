"""What staff see of a source's password: that there is one."""

import pytest
from playwright.sync_api import Page, expect

from harvests.models import SourceAccess
from tests.browser.test_admin import fits

pytestmark = pytest.mark.django_db(transaction=True)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()


def test_a_password_is_entered_kept_and_forgotten(signed_in, good):
    page = signed_in
    page.goto(f"/admin/harvests/harvestsource/{good.pk}/change/")
    expect(page.get_by_label("Password", exact=True)).not_to_be_visible()
    page.locator("summary", has_text="Access").click()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password", exact=True).fill("pa55")
    save(page)
    expect(page.get_by_text("The access data go over http").first).to_be_visible()
    field = page.get_by_label("Password", exact=True)
    expect(field).to_have_attribute("placeholder", "stored; leave empty to keep")
    assert "pa55" not in page.content()
    page.get_by_label("Forget the password").check()
    save(page)
    assert SourceAccess.objects.get().secrets.password == ""


@pytest.mark.parametrize("width", [400, 1300])
def test_the_whole_form_fits_into_the_window(signed_in, width):
    page = signed_in
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/admin/harvests/harvestsource/add/")
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.get_by_label("CA certificates")).to_be_visible()
    assert fits(page)
