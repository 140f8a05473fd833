"""The pages of accounts: in a narrow window, and without scripts."""

import pytest
from django.contrib.auth.models import User

from harvests.models import Organization

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("/admin/login/", "/accounts/request/", "/accounts/password/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_narrow_window(page, path):
    Organization.objects.create(name="Ocean Institute")
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(path)
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_without_scripts_people_sign_in(browser, live_server):
    User.objects.create_user("nemo@example.org", password="secret")
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", "Nemo@example.org")
    page.fill("[name=password]", "secret")
    page.click("form button[type=submit]")
    page.wait_for_url("**/accounts/waiting/")
    assert page.get_by_text("Waiting for approval").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    context.close()
