"""A CKAN that is down, slow or none is told in a sentence; no harvest minds."""

import datetime as dt

import pytest
from django.utils import timezone

from harvests import ending
from harvests.ckan import client, connection, following
from harvests.ckan.answers import Job
from harvests.embedded import free_port
from harvests.models import CkanSource, HarvestJob
from tests.ckan.stand_in import HTML, Answer, changed

pytestmark = pytest.mark.django_db

DEEP = "[" * 100_000
TROUBLE = {
    "html": (Answer(200, HTML, "<html>Welcome</html>"), "text/html in place of JSON"),
    "not found": (Answer(404, HTML, "<html>"), "set CKAN_API to the address of CKAN's"),
    "forbidden": (Answer(403, HTML, "<html>"), "keeps us out"),
    "moved": (Answer(301, HTML, location="/"), "a redirect: set CKAN_API"),
    "busy": (Answer(503, HTML, "<html>"), "not available now"),
    "crash": (Answer(500, HTML, "<html>"), "its log says why"),
    "no extension": ("no-action", "is harvest in its ckan.plugins"),
    "unknown source": ("unknown-source", "no harvest source “ocean-waf”"),
    "deleted source": ("source-deleted", "was deleted in CKAN"),
    "garbage": (Answer(body="\x00\xff{"), "JSON that is not CKAN's"),
    "no result": (Answer(body='{"success": true}'), "JSON that is not CKAN's"),
    "a list": (Answer(body="[1]"), "JSON that is not CKAN's"),
    "deep": (Answer(body=DEEP), "JSON that is not CKAN's"),
    "text": (Answer(body='{"success": true, "result": "x"}'), "no harvest source"),
    "no id": (changed("source-new", id=None), "no “id” where"),
    "bad job": (changed("source-new", status={"last_job": [1]}), "no job where"),
}


def wanted(ocean) -> CkanSource:
    following.want(ocean)
    following.attend_due()
    return CkanSource.objects.get()


@pytest.mark.parametrize("case", TROUBLE)
def test_what_went_wrong_is_a_sentence_and_the_wish_is_kept(case, ckan, ocean):
    answer, sentence = TROUBLE[case]
    ckan.says(harvest_source_show=answer)
    row = wanted(ocean)
    assert sentence in row.message
    assert row.message.endswith("We try again in a minute.")
    assert row.wanted
    assert row.next_look > timezone.now()
    ckan.says(harvest_source_show="source-new")
    following.attend_due(timezone.now() + dt.timedelta(minutes=2))
    row.refresh_from_db()
    assert (row.message, row.wanted, row.job_status) == ("", None, "Running")


def test_a_second_job_while_one_runs_is_tried_again_later(ckan, ocean):
    ckan.says(harvest_job_create="job-exists")
    row = wanted(ocean)
    assert "does so while a job runs" in row.message
    assert row.wanted


def test_a_token_that_may_only_read_is_told(ckan, ocean):
    ckan.says(harvest_job_create="job-refused")
    assert "does not allow us “harvest_job_create”" in wanted(ocean).message


def test_nobody_there_is_told(ckan, ocean, settings):
    settings.CKAN_API = "http://user:secret@127.0.0.1:9/api/3"
    message = wanted(ocean).message
    assert "http://127.0.0.1:9 cannot be reached" in message
    assert "secret" not in message


def test_a_slow_ckan_is_given_up(ckan, ocean, monkeypatch):
    monkeypatch.setattr(client, "READ", 0.05)
    ckan.says(harvest_source_show=Answer(after=0.2))
    assert "does not answer in time" in wanted(ocean).message


def test_an_endless_answer_is_given_up(ckan, ocean, monkeypatch):
    monkeypatch.setattr(connection, "MOST", 1000)
    ckan.says(harvest_source_show=Answer(body=" " * 5000))
    assert "larger than 1,000 bytes" in wanted(ocean).message


def test_a_report_that_is_not_to_be_had_does_not_stop_the_next_job(ckan, ocean):
    ckan.says(harvest_source_show="source-finished", harvest_job_report=Answer(500))
    wanted(ocean)
    for hours in (1, 2, 3):
        following.attend_due(timezone.now() + dt.timedelta(hours=hours))
    row = CkanSource.objects.get()
    assert "Its errors are not to be had" in row.gather_errors[0]
    assert ckan.count("harvest_job_create") == 1


def test_odd_reports_are_taken_as_far_as_they_go(ckan, ocean):
    errors = {
        "1": {"guid": 7, "original_url": "http://[", "errors": ["x", {"line": "y"}]},
        "2": "nonsense",
        "3": {"errors": None},
    }
    odd = changed("report", object_errors=errors, gather_errors=[None, {"message": 1}])
    ckan.says(harvest_source_show="source-finished", harvest_job_report=odd)
    row = wanted(ocean)
    assert row.complaint_count == 2
    assert row.gather_errors == ["", "1"]


HUGE = 10**30
ODD_JOBS = [
    {"created": "0001-01-01T00:00:00+14:00"},
    {"created": "9999-12-31T23:59:59-14:00"},
    {"created": "0001-01-01T00:00:00", "finished": "0001-01-01T00:00:00+14:00"},
    {"stats": {"added": HUGE, "a\0": 3, "\ud800": 1, "$a.b": 2}},
    {"status": "\ud800\0"},
]
ODD_REPORTS = [
    {"object_errors": 5},
    {
        "object_errors": [
            {"original_url": "http://x/\ud800", "errors": [{"line": HUGE}]}
        ]
    },
    {"gather_errors": [{"message": "a\0\ud800b"}]},
]


def test_values_that_no_database_holds_are_left_out(ckan, ocean):
    for values in ODD_JOBS:
        job = {"id": "j", "status": "Running", **values}
        ckan.says(harvest_source_show=changed("source-new", status={"last_job": job}))
        row = wanted(ocean)
        assert row.message == ""
        assert Job.of(job).created is Job.of(job).finished is None
    for values in ODD_REPORTS:
        CkanSource.objects.update(reported="")
        ckan.says(harvest_source_show="source-finished")
        ckan.says(harvest_job_report=changed("report", **values))
        row = wanted(ocean)
        assert row.message == ""
    assert row.gather_errors == ["ab"]


def test_an_error_nobody_thought_of_stops_no_other_source(
    ckan, ocean, monkeypatch, caplog
):
    first = CkanSource.objects.create(
        pk="another", next_look=timezone.now() - dt.timedelta(hours=1)
    )
    real = client.Client.source

    def source(self: client.Client, name: str) -> object:
        return 1 / 0 if name == first.pk else real(self, name)

    monkeypatch.setattr(client.Client, "source", source)
    following.want(ocean)
    assert following.attend_due() == 2
    first.refresh_from_db()
    assert "An error of this program (ZeroDivisionError)" in first.message
    assert first.next_look > timezone.now()
    assert "ZeroDivisionError" in caplog.text
    assert CkanSource.objects.exclude(pk=first.pk).get().job_status == "Running"


def test_tries_are_less_and_less_often_and_end(ckan, ocean):
    ckan.says(harvest_source_show=Answer(503))
    following.want(ocean)
    start = CkanSource.objects.get().wanted
    now, waits = start, []
    for _try in range(8):
        following.attend_due(now)
        row = CkanSource.objects.get()
        waits.append(round((row.next_look - now).total_seconds() / 60))
        now = row.next_look
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    following.attend_due(start + dt.timedelta(days=8))
    row = CkanSource.objects.get()
    assert row.next_look is None
    assert "We gave up after 7 days" in row.message


def test_redis_away_loses_no_wish(ckan, ocean, settings):
    gone = {"URL": f"redis://127.0.0.1:{free_port()}/0"}
    settings.RQ_QUEUES = {"default": gone, "housekeeping": gone}
    job = HarvestJob.objects.start_for(ocean, status="running", added=1)
    ending.end(job, "finished", "")
    following.attend_due()
    assert ckan.count("harvest_job_create") == 1
