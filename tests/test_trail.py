"""Who did what is written down, for buttons as for forms, and only admins read it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.roles import cast, things

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:admin_logentry_changelist"


def press(button: str, row: object) -> None:
    cast()["member"].post(reverse(f"admin:harvests_{button}", args=[row.pk]))


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("source_harvest", "Harvest asked for."),
        ("source_reread", "Harvest asked for; everything read anew."),
        ("source_removals", "Harvest asked for; removals allowed."),
    ],
)
def test_a_button_of_a_source_is_written_down(button, said, queues):
    source = things()["harvestsource"]
    press(button, source)
    entry = LogEntry.objects.order_by("pk").last()
    assert (entry.user.username, entry.change_message) == ("member", said)
    assert (entry.object_id, entry.object_repr) == (source.pk, "Good")


def test_cancelling_is_written_down(queues):
    source, client = things()["harvestsource"], cast()["member"]
    for button in ("source_harvest", "source_cancel"):
        client.post(reverse(f"admin:harvests_{button}", args=[source.pk]))
    said = LogEntry.objects.values_list("change_message", flat=True)
    assert "Harvest cancelled." in said


def test_admins_read_the_trail_by_user_and_kind(queues):
    rows, clients = things(), cast()
    url = reverse("admin:harvests_source_harvest", args=[rows["harvestsource"].pk])
    clients["member"].post(url)
    page = clients["admin"].get(reverse(LIST)).content.decode()
    assert "Harvest asked for." in page
    for query, count in (("kind=4", 2), ("kind=3", 0), ("about=harvestsource", 2)):
        shown = clients["admin"].get(f"{reverse(LIST)}?{query}")
        assert shown.context["cl"].result_count == count
    assert clients["member"].get(reverse(LIST)).status_code == 403


def test_an_entry_is_named_by_what_was_done(queues):
    rows, clients = things(), cast()
    url = reverse("admin:harvests_source_harvest", args=[rows["harvestsource"].pk])
    clients["member"].post(url)
    entry = LogEntry.objects.order_by("pk").last()
    url = reverse("admin:admin_logentry_change", args=[entry.pk])
    page = clients["admin"].get(url).content.decode()
    assert "<title> Good: Harvest asked for. | View log entry |" in page
    assert "LogEntry Object" not in page
