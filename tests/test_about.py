"""The page for anybody about what this is."""

import pytest

pytestmark = pytest.mark.django_db


def said(client) -> str:
    answer = client.get("/about/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_there_is(client, source_of):
    url = "https://example.org/waf/"
    good = {"last_record_count": 1200, "last_bad_count": 34}
    source_of(url, name="Buoys & <b>", harvest_type="ERDDAP-WAF", **good)
    source_of("https://example.org/new/", name="Not harvested yet")
    page = said(client)
    for each in ("1,200", "34", "Buoys &amp; &lt;b&gt;", url, "ERDDAP-WAF"):
        assert each in page
    assert "Ocean Institute" in page
    assert "Not harvested yet" not in page


def test_it_leads_to_what_is_for_anybody(client, db):
    page = said(client)
    for place in ("/waf/", "/waf/index.json", "/waf/sitemap.xml", "/waf/changes.atom"):
        assert f'href="{place}"' in page
    assert "Request an account" in page
    assert "No source has been harvested yet" in page
    assert 'href="/about/"' in client.get("/admin/login/").content.decode()


def test_it_costs_the_same_however_many_sources(
    client, source_of, django_assert_max_num_queries
):
    for number in range(30):
        source_of(f"https://example.org/{number}/", publish=True)
    with django_assert_max_num_queries(2):
        page = said(client)
    assert page.count("https://example.org/") >= 30
    assert client.get("/about/")["Cache-Control"] == "max-age=60"


def test_who_is_signed_in_is_led_to_the_overview(admin_client):
    assert "go to the overview" in said(admin_client)
