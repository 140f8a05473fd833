"""What is said where there is no page, or not for this person, or all is broken."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory

from harvests import error_pages
from tests.roles import cast, things

pytestmark = pytest.mark.django_db
ROWS = ("/admin/r/1/1/", "/admin/r/x/x/")  # Django's way to a row's page: not ours


def text(answer) -> str:
    return answer.content.decode()


def test_where_there_is_nothing_a_page_leads_on():
    clients = cast()
    for path in ("/nothing/here/", "/sources/missing/", "/accounts/nothing/", *ROWS):
        for role, way in (("member", "/admin/where/"), ("anonymous", "/admin/login/")):
            if role == "anonymous" and path.startswith("/sources/"):
                continue  # is led to sign in, and learns nothing
            answer = clients[role].get(path)
            assert answer.status_code == 404, (role, path)
            assert "There is no such page" in text(answer), (role, path)
            assert f'href="{way}"' in text(answer), (role, path)


def test_what_is_not_theirs_says_whose_it_is():
    clients, rows = cast(), things()
    answer = clients["other"].post(f"/sources/{rows['harvestsource'].pk}/dismiss/")
    assert answer.status_code == 403
    assert "You may not do this" in text(answer)
    assert "members of the organization" in text(answer)
    assert 'href="/"' in text(answer)


def test_a_form_that_is_too_old_says_how_to_send_it_again():
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/admin/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "reload the page" in text(answer)
    assert 'href="/admin/login/"' in text(answer)


def test_a_broken_site_still_says_so(django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        failed = error_pages.failed(request)
        refused = error_pages.refused(request, SuspiciousOperation("secret"))
    assert (failed.status_code, refused.status_code) == (500, 400)
    assert "The site could not do this" in text(failed)
    assert "could not be understood" in text(refused)
    assert "secret" not in text(refused)


def test_a_name_of_another_site_is_refused(settings):
    answer = Client().get("/", headers={"Host": "evil.example.org"})
    assert answer.status_code == 400
    assert "could not be understood" in text(answer)
