"""The page of a source: how it is, what it has, and what a person can do there."""

import html

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from harvests import jobs, trash
from harvests.models import Cause, HarvestJob, HarvestRecord, HarvestSource

pytestmark = pytest.mark.django_db


def shown(client, source: HarvestSource) -> str:
    answer = client.get(f"/sources/{source.pk}/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_a_page_with_everything_takes_few_queries(
    carl, held, django_assert_max_num_queries
):
    for number in range(40):
        HarvestJob.objects.create(source=held, status="finished", added=number)
    causes = [
        Cause(id=f"{held.pk}-{n}", source=held, problem=str(n), message=f"m{n}")
        for n in range(20)
    ]
    Cause.objects.bulk_create(causes)
    HarvestJob.objects.start_for(held)
    with django_assert_max_num_queries(12):
        page = shown(carl, held)
    assert "Held removals" in page
    assert "Findings by cause" in page
    assert "progressbar" in page


def test_a_source_says_how_it_is(ada, broken):
    page = shown(ada, broken)
    assert "went well, except for" in page
    assert "5 records that failed</a>" in page
    for text in (
        "32 % without errors",
        "6 without errors",
        "13 with problems",
        "Every day",
    ):
        assert text in page
    HarvestSource.objects.update(last_harvest_status="fail", last_message="Gone.")
    page = shown(ada, broken)
    assert f"Failing since {broken.state_since:%d %b %H:%M}" in page
    assert "Gone." in page


def test_its_links_lead_to_the_records_they_count(ada, broken):
    links = ada.get(broken.get_absolute_url()).context["links"]
    for name, number in (("good", 6), ("bad", 13), ("records", 19)):
        assert ada.get(links[name]).context["cl"].result_count == number


def test_findings_are_grouped_by_cause(ada, broken):
    page = ada.get(broken.get_absolute_url())
    causes = page.context["causes"]
    assert len(causes) == 10
    assert causes[0].severity == "error"
    for cause in causes:
        assert cause.message in html.unescape(page.content.decode())


def test_a_new_source_has_no_chart_and_no_trash(ada, good):
    page = shown(ada, good)
    assert "Never harvested." in page
    for absent in ("<canvas", "Trash <a", "without errors", "Held removals"):
        assert absent not in page


def test_the_buttons_are_those_that_work_now(ada, vera, good):
    page = shown(ada, good)
    assert "Harvest now" in page
    assert "Delete…" in page
    job = HarvestJob.objects.start_for(good)
    page = shown(ada, good)
    assert "Harvest now" not in page
    assert job.get_absolute_url() in page
    page = shown(vera, good)
    for absent in ("Cancel", "Watch", "Delete…", "Edit<"):
        assert absent not in page


@pytest.mark.django_db(transaction=True)
def test_held_removals_are_approved_by_one_press(ada, held, queues):
    page = shown(ada, held)
    action = f"/admin/harvests/harvestsource/{held.pk}/removals/"
    assert f'formaction="{action}"' in page
    ada.post(action)
    queues()
    held.refresh_from_db()
    assert (held.last_record_count, held.held_count) == (4, 0)
    assert "Trash <a" in shown(ada, held)


def test_dismissed_removals_stay_and_are_not_asked_for_again(ada, held, said, folder):
    answer = ada.post(f"/sources/{held.pk}/dismiss/")
    assert answer.url == held.get_absolute_url()
    assert "36 records kept" in said(answer)
    job = jobs.run_now(HarvestSource.objects.get(pk=held.pk))
    held.refresh_from_db()
    assert (held.held_count, held.kept_count) == (0, 36)
    assert (job.removed, len(folder.names())) == (0, 40)
    page = shown(ada, held)
    assert "36 records are kept by hand" in page
    assert "Held removals" not in page
    kept = ada.get(answer.wsgi_request.path.replace("dismiss/", "")).context["links"]
    assert ada.get(kept["kept"]).context["cl"].result_count == 36
    assert ada.get(kept["held"]).context["cl"].result_count == 0


def test_approving_leaves_what_was_dismissed(ada, held, folder):
    """A tester kept one of 85 and approved the 84: all 85 went."""
    chosen = held.records.filter(missing_since__isnull=False).first()
    ada.post(f"/sources/{held.pk}/dismiss/", {"record": [chosen.pk]})
    page = shown(ada, held)
    assert "Approve: remove all 35" in page
    job = jobs.run_now(HarvestSource.objects.get(pk=held.pk), allow_removals=True)
    assert (job.removed, job.held) == (35, 0)
    held.refresh_from_db()
    assert (held.last_record_count, held.kept_count) == (5, 1)
    assert chosen.file_name in folder.names()


def test_what_was_dismissed_can_be_approved_after_all(ada, held, said):
    ada.post(f"/sources/{held.pk}/dismiss/")
    assert "Stop keeping 36" in shown(ada, held)
    answer = ada.post(f"/sources/{held.pk}/unkeep/")
    assert "36 records are no longer kept: the next harvest may" in said(answer)
    assert "Approve: remove all 36" in shown(ada, held)
    job = jobs.run_now(HarvestSource.objects.get(pk=held.pk), allow_removals=True)
    assert job.removed == 36
    held.refresh_from_db()
    assert (held.last_record_count, held.kept_count) == (4, 0)
    assert "Stop keeping" not in shown(ada, held)


def test_chosen_removals_are_dismissed_alone(ada, held):
    missing = held.records.filter(missing_since__isnull=False)
    chosen = [record.pk for record in missing[:2]]
    other = HarvestRecord.objects.exclude(pk__in=missing.values_list("pk")).first()
    ada.post(f"/sources/{held.pk}/dismiss/", {"record": [*chosen, other.pk]})
    kept = held.records.filter(restored=True)
    assert {record.pk for record in kept} == set(chosen)
    held.refresh_from_db()
    assert (held.held_count, held.kept_count) == (34, 2)
    entry = LogEntry.objects.latest("pk")
    assert "2 records kept" in entry.get_change_message()


def test_only_who_may_change_the_source_dismisses(olga, vera, client, held, said):
    for person in (olga, vera):
        assert person.post(f"/sources/{held.pk}/dismiss/").status_code == 403
        assert person.post(f"/sources/{held.pk}/unkeep/").status_code == 403
    assert "login" in client.post(f"/sources/{held.pk}/dismiss/").url
    assert olga.get(f"/sources/{held.pk}/dismiss/").status_code == 405
    assert not held.records.filter(restored=True).exists()


def test_dismissing_what_is_not_held_says_so(ada, good, said):
    assert "No removal was held" in said(ada.post(f"/sources/{good.pk}/dismiss/"))


def test_a_removed_record_is_restored_from_here(ada, held, said):
    jobs.run_now(held, allow_removals=True)
    page = shown(ada, held)
    item = held.trash.order_by("-removed_at").first()
    action = f"/admin/harvests/trashedrecord/{item.pk}/restore/"
    assert action in page
    answer = ada.post(action, {"next": f"{held.get_absolute_url()}#trash"})
    assert answer.url == f"{held.get_absolute_url()}#trash"
    held.refresh_from_db()
    assert (held.last_record_count, held.kept_count) == (5, 1)
    assert "1 record is kept by hand" in shown(ada, held)


def test_what_was_restored_by_hand_is_not_said_to_be_over_a_limit(ada, address, held):
    jobs.run_now(held, allow_removals=True)
    for item in held.trash.all()[:2]:
        trash.restore(item)
    assert jobs.run_now(held).held == 0
    held.refresh_from_db()
    for page in (held.get_absolute_url(), address("source_removals", held)):
        text = ada.get(page).content.decode()
        assert "2 records are kept by hand, though the source does not" in text
        assert "removals are held" not in text


def test_what_a_harvest_would_change_is_shown_and_nothing_written(
    ada, held, provider, folder
):
    page = f"/sources/{held.pk}/preview/"
    assert "Nothing is written." in ada.get(page).content.decode()
    before = list(HarvestRecord.objects.order_by("pk").values())
    text = ada.post(page).content.decode()
    assert "would be held" in text
    assert "Look now" in text
    assert list(HarvestRecord.objects.order_by("pk").values()) == before
    assert HarvestJob.objects.count() == 2
    HarvestSource.objects.update(url=provider.url("gone"))
    assert "404" in ada.post(page).content.decode()


def test_the_schedule_is_said_in_words(ada, good):
    HarvestSource.objects.update(
        cron="30 3 * * 1-5", time_zone="Europe/Paris", publish=True
    )
    page = shown(ada, good)
    assert "At 03:30, Monday through Friday (Europe/Paris)" in page
    assert page.count("30:00 UTC <small>") >= 2


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({"cron": "every night"}, "“every night” is not a cron expression"),
        ({"cron": "0 0 30 2 *"}, "“0 0 30 2 *” never comes"),
        ({"cron": "0 3 * * *", "time_zone": "Sea/Deep"}, "“Sea/Deep” is not an IANA"),
        ({"harvest_interval": 1e308}, "in 1e+308 days is no date"),
    ],
    ids=["no cron", "never", "no zone", "no date"],
)
def test_a_stored_schedule_that_cannot_be_used_is_told(
    ada, good, address, stored, sentence
):
    HarvestSource.objects.update(publish=True, **stored)
    page = shown(ada, good)
    assert "None: this schedule cannot be used" in page
    assert sentence in page
    form = ada.get(address("harvestsource_change", good)).content.decode()
    assert sentence in html.unescape(form)


def test_a_page_of_no_source_is_not_found(ada):
    assert ada.get("/sources/missing/").status_code == 404


def test_lists_and_mails_lead_here(ada, good, address):
    page = ada.get(address("harvestsource_changelist")).content.decode()
    assert f'href="{good.get_absolute_url()}"' in page
    job = HarvestJob.objects.create(source=good, status="finished")
    page = ada.get(address("harvestjob_change", job)).content.decode()
    assert f'href="{good.get_absolute_url()}"' in page


def test_a_source_in_deletion_needs_no_attention(ada, good):
    HarvestSource.objects.update(last_message="This source is being deleted.")
    assert "Needs attention" not in ada.get("/").content.decode()
    assert "is being deleted" in shown(ada, good)


def test_a_text_of_a_record_does_no_harm(ada, held):
    title = "<script>alert(1)</script>" + "x" * 10_000
    missing = held.records.filter(missing_since__isnull=False)
    missing.update(title=title, missing_since=timezone.now())
    page = ada.get(held.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page
    assert len(page) < 200_000
