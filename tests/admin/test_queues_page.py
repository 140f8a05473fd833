"""The page about the queues, which is django-rq's, as Unfold shows it."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_its_title_is_words_and_a_wide_table_scrolls(admin_client):
    page = admin_client.get(reverse("django_rq:home")).content.decode()
    assert ">Queues</a>" in page
    assert "Welcome" not in page
    assert "&lt;h1&gt;" not in page
    assert "#changelist .results { overflow-x: auto }" in page


def test_titles_of_the_pages_below_it_are_words(admin_client, queues):
    for name in ("deferred_jobs", "scheduled_jobs", "started_jobs", "workers"):
        url = reverse(f"django_rq:{name}", args=[0])
        page = admin_client.get(url).content.decode()
        assert " in default" in page, name
        assert "&lt;h1&gt;" not in page, name
