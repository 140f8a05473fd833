"""The page about the queues, which is django-rq's, as Unfold shows it."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_its_title_is_words_and_a_wide_table_scrolls(admin_client):
    page = admin_client.get(reverse("django_rq:home")).content.decode()
    assert "Queues" in page
    assert "&lt;h1&gt;" not in page
    assert "#changelist .results { overflow-x: auto }" in page
