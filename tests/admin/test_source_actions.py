"""The buttons of a source: what they start, for whom, and that no GET starts it."""

import pytest

from harvests.models import HarvestJob, HarvestSource

pytestmark = pytest.mark.django_db(transaction=True)
ACTIONS = ("source_harvest", "source_reread", "source_removals", "source_cancel")


def test_harvest_now_queues_a_job_that_a_worker_runs(ada, good, address, queues):
    response = ada.post(address("source_harvest", good))
    job = good.jobs.get()
    assert (job.status, job.requested_by) == ("queued", "ada")
    assert response.url == address("harvestjob_change", job)
    queues()
    job.refresh_from_db()
    assert (job.status, job.added) == ("finished", 24)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_starts_nothing(ada, good, address, queues, action):
    response = ada.get(address(action, good))
    assert response.status_code in (200, 302)
    assert not HarvestJob.objects.exists()


def test_a_get_cancels_nothing(ada, good, address):
    job = HarvestJob.objects.start_for(good)
    ada.get(address("source_cancel", good))
    ada.get(address("job_cancel", job))
    job.refresh_from_db()
    assert job.status == "queued"


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_look_starts_nothing(vera, good, address, action):
    assert vera.post(address(action, good)).status_code == 403
    assert not HarvestJob.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_who_is_not_signed_in_is_asked_to(client, good, address, action):
    response = client.post(address(action, good))
    assert response.url.startswith("/admin/login/")
    assert not HarvestJob.objects.exists()


def test_without_the_token_of_a_form_nothing_starts(ada, good, address):
    ada.handler.enforce_csrf_checks = True
    assert ada.post(address("source_harvest", good)).status_code == 403
    assert not HarvestJob.objects.exists()


def test_carl_may_harvest(carl, good, address, queues):
    carl.post(address("source_harvest", good))
    assert good.jobs.get().requested_by == "carl"


def test_a_second_harvest_is_refused_with_a_sentence(ada, good, address, said, queues):
    ada.post(address("source_harvest", good))
    response = ada.post(address("source_harvest", good))
    assert "is being harvested already" in said(response)
    assert good.jobs.count() == 1


def test_an_unpublished_source_is_harvested_with_a_warning(
    ada, good, address, said, queues
):
    response = ada.post(address("source_harvest", good))
    assert "not published" in said(response)
    assert good.jobs.get().status == "queued"


def test_an_unpublished_source_is_asked_about_first(ada, good, address, queues):
    job = HarvestJob.objects.create(source=good, status="finished")
    for page in (
        *(address("source_harvest", good), address("source_reread", good)),
        address("job_again", job),
    ):
        asked = ada.get(page, {"next": "/admin/"}).content.decode()
        assert "It is not published: the schedule leaves it out." in asked
        assert '<form method="post">' in asked
    assert good.jobs.count() == 1
    for page in (
        good.get_absolute_url(),
        "/admin/harvests/harvestsource/",
    ):
        assert (
            f'href="{address("source_harvest", good)}' in ada.get(page).content.decode()
        )
    HarvestSource.objects.update(publish=True)
    page = ada.get(good.get_absolute_url()).content.decode()
    assert f'action="{address("source_harvest", good)}"' in page


def test_publishing_harvests_at_once(ada, address, organization, queues, said):
    values = {"name": "New", "organization": organization.name, "harvest_type": "WAF"}
    values |= {"url": "https://example.org/new/", "harvest_interval": "1"}
    values |= {"time_zone": "UTC", "max_depth": "2", "removal_limit": "20"}
    ada.post(address("harvestsource_add"), values)
    source = HarvestSource.objects.get()
    assert not source.jobs.exists()
    page = address("harvestsource_change", source)
    answer = ada.post(page, values | {"publish": "on"})
    job = source.jobs.get()
    assert f'Queued: <a href="{address("harvestjob_change", job)}">' in said(answer)
    source.refresh_from_db()
    assert source.next_harvest_dt > job.date
    ada.post(page, values | {"publish": "on", "name": "Newer"})
    assert source.jobs.count() == 1
    more = values | {"publish": "on", "url": "https://example.org/newer/"}
    ada.post(address("harvestsource_add"), more)
    other = HarvestSource.objects.exclude(pk=source.pk).get()
    assert other.jobs.get().requested_by == "ada"


def test_what_is_published_while_redis_is_away_is_saved_and_waits(
    ada, good, address, said, no_redis
):
    values = {"name": "Good", "organization": "Ocean Institute", "url": good.url}
    values |= {"harvest_type": "WAF", "harvest_interval": "1", "publish": "on"}
    values |= {"time_zone": "UTC", "max_depth": "2", "removal_limit": "20"}
    answer = ada.post(address("harvestsource_change", good), values)
    assert "cannot be reached" in said(answer)
    good.refresh_from_db()
    assert (good.publish, good.jobs.get().status) == (True, "queued")


def test_a_job_waits_when_redis_is_away(ada, good, address, said, no_redis):
    response = ada.post(address("source_harvest", good))
    assert "cannot be reached" in said(response)
    assert good.jobs.get().status == "queued"


def test_reread_fetches_every_record_anew(ada, good, address, queues):
    ada.post(address("source_reread", good))
    assert good.jobs.get().force


def test_cancel_ends_a_waiting_job(ada, good, address, queues, said):
    ada.post(address("source_harvest", good))
    response = ada.post(address("source_cancel", good))
    assert "stops in a moment" in said(response)
    assert good.jobs.get().message == "Cancelled by ada."


def test_cancel_without_a_job_says_so(ada, good, address, said):
    response = ada.post(address("source_cancel", good))
    assert "is not being harvested" in said(response)


def test_allowing_removals_asks_first_and_says_how_many(ada, held, address, queues):
    page = ada.get(address("source_removals", held)).content.decode()
    assert "<b>36</b> of its 40 records are held" in page
    ada.post(address("source_removals", held))
    queues()
    held.refresh_from_db()
    assert (held.last_record_count, held.held_count) == (4, 0)


def test_selected_sources_are_harvested_and_cancelled(ada, good, address, queues):
    HarvestSource.objects.update(publish=True)
    chosen = {"action": "harvest_selected", "_selected_action": [good.pk]}
    ada.post(address("harvestsource_changelist"), chosen)
    assert good.jobs.get().status == "queued"
    chosen["action"] = "cancel_selected"
    ada.post(address("harvestsource_changelist"), chosen)
    assert good.jobs.get().status == "cancelled"


def test_who_may_only_look_sees_no_buttons(vera, good, address):
    for page in (address("harvestsource_changelist"), good.get_absolute_url()):
        body = vera.get(page).content.decode()
        assert "/harvest/" not in body
        assert "Harvest now" not in body


def test_the_way_back_leads_to_no_other_site(ada, good, address, queues):
    elsewhere = {"next": "https://evil.example.org/"}
    response = ada.post(address("source_harvest", good), elsewhere)
    assert response.url == good.get_absolute_url()


def test_a_source_that_is_not_there_is_not_found(ada, address):
    missing = HarvestSource(pk="missing")
    assert ada.post(address("source_harvest", missing)).status_code == 404


def test_many_sources_are_told_of_in_one_sentence(ada, source_of, address, queues):
    sources = [source_of(f"http://127.0.0.1:1/{n}/", publish=n > 1) for n in range(5)]
    chosen = {
        "action": "harvest_selected",
        "_selected_action": [source.pk for source in sources],
    }
    url = address("harvestsource_changelist")
    asked = ada.post(url, chosen, follow=True).content.decode()
    assert "2 of them are not published" in asked
    assert asked.count('name="_selected_action"') == 5
    assert not HarvestJob.objects.exists()
    chosen["post"] = "yes"
    page = ada.post(url, chosen, follow=True).content.decode()
    assert "5 harvests are queued. 2 of the sources are not published" in page
    assert "Queued:" not in page
