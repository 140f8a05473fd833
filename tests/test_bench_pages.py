"""The pages that `python -m bench pages` measures."""

import pytest
from django.core.management import call_command

from bench.pages import publish
from bench.places import ORGANIZATION, places

pytestmark = pytest.mark.django_db


def test_every_page_is_there_and_takes_at_most_twelve_queries(
    admin_client, output_dir, django_assert_max_num_queries
):
    call_command("demo_catalogue", sources=3, records=70)
    chosen = places(lambda place: admin_client.get(place).json())
    index = b"".join(admin_client.get(chosen["its index.json"]))
    publish(output_dir / ORGANIZATION, index)
    for page, place in chosen.items():
        with django_assert_max_num_queries(12, info=page):
            answer = admin_client.get(place)
            assert answer.status_code == 200, page
            assert b"".join(answer), page
