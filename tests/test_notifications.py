"""A source changes state: once stored, told once to everybody who wants it."""

import datetime as dt
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from harvests import ending, jobs
from harvests.embedded import free_port
from harvests.models import (
    Delivery,
    DeliveryState,
    Event,
    HarvestJob,
    HarvestOutcome,
    HarvestSource,
    Membership,
    MutedAddress,
    NotificationChoice,
)
from harvests.notifications import deliveries, digest, receivers
from tests.mail_server import MailServer, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    settings.SITE_URL = "https://site.example.org/"
    with mail_server(settings) as running:
        yield running


@pytest.fixture
def buoys(source_of) -> HarvestSource:
    return source_of(
        "https://example.org/", name="Buoys", harvest_contact="carla@example.org"
    )


def person(name: str, organization: object, **choice: bool) -> User:
    address = f"{name}@example.org"
    user = User.objects.create_user(name, email=address, is_staff=True)
    Membership.objects.create(user=user, organization=organization)
    if choice:
        NotificationChoice.objects.create(user=user, **choice)
    return user


def ended(
    source: HarvestSource, status: str = "finished", message: str = ""
) -> HarvestJob:
    """Have a job of the source end like that."""
    job = HarvestJob.objects.start_for(source)
    job.claim("test")
    ending.end(job, status, message)
    return job


def kinds() -> list[str]:
    return list(Event.objects.order_by("when").values_list("kind", flat=True))


def test_a_change_is_one_event_and_no_change_is_none(buoys):
    for status in ("finished", "finished", "failed", "failed", "finished", "finished"):
        ended(buoys, status)
    assert kinds() == ["first", "failing", "recovered"]


def test_a_first_harvest_that_fails_and_a_cancelled_one(buoys):
    ended(buoys, "cancelled")
    assert kinds() == []
    ended(buoys, "failed", "The server is away.")
    assert kinds() == ["failing"]
    ended(buoys, "cancelled")
    ended(buoys, "failed")
    assert kinds() == ["failing"]


def test_a_job_that_died_and_one_that_deletes(buoys):
    ended(buoys)
    job = HarvestJob.objects.start_for(buoys, stage="delete")
    ending.end(job, "failed", "Deleted in part: delete it again.")
    assert kinds() == ["first"]
    buoys.refresh_from_db()
    buoys.note_harvest(ok=True, message="", when=timezone.now())
    job = HarvestJob.objects.start_for(buoys)
    job.claim("test")
    job.refresh_from_db()
    HarvestJob.objects.update(heartbeat=timezone.now() - dt.timedelta(hours=1))
    ending.fail_stalled(timezone.now())
    event = Event.objects.get(kind="failing")
    assert "stopped without a word" in event.reasons[0]


def test_real_harvests_tell_of_removals_held_once_and_of_each_end(
    shrinking, provider, server
):
    shrinking.harvest_contact = "carla@example.org"
    shrinking.save()
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"))
    jobs.run_now(shrinking)
    jobs.run_now(shrinking)
    assert kinds() == ["first", "held"]
    held = Event.objects.get(kind="held")
    assert held.sentence.startswith("36 removals of “Shrinking” wait")
    assert len(held.reasons) == 3
    deliveries.deliver()
    first, second = (mail for _to, mail in server.take())
    attached = [part.get_content() for part in second.iter_attachments()]
    assert [first["Subject"], second["Subject"]] == [
        "First harvest: Shrinking",
        "Removals held: Shrinking",
    ]
    assert attached[0].count("\n") == 1 + 36


def test_a_mail_has_reasons_links_and_a_way_out(buoys, organization, server):
    person("mia", organization)
    ended(buoys)
    job = HarvestJob.objects.start_for(buoys)
    job.claim("test")
    for number in range(5):
        HarvestOutcome.objects.create(
            job=job, url=f"https://e.org/{number}", outcome="failed", message="gone"
        )
    ending.end(job, "failed", "The <b>server</b> is away.")
    deliveries.deliver()
    mails = [(to, m) for to, m in server.take() if "Failing" in m["Subject"]]
    assert [(to, mail["To"]) for to, mail in mails] == [
        ("carla@example.org", "carla@example.org"),
        ("mia@example.org", "mia@example.org"),
    ]
    mail = mails[0][1]
    text = text_of(mail)
    assert "- The <b>server</b> is away.\n- https://e.org/0: gone\n" in text
    assert text.count("gone") == 2
    base = "https://site.example.org/admin/harvests"
    assert f"Source: https://site.example.org{buoys.get_absolute_url()}\n" in text
    assert f"Job: {base}/harvestjob/{job.pk}/change/" in text
    assert f"{base}/harvestoutcome/?job={job.pk}&outcome=failed" in text
    page = text_of(mail, "html")
    assert "The &lt;b&gt;server&lt;/b&gt; is away." in page
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    attached = [part.get_filename() for part in mail.iter_attachments()]
    assert attached == ["Buoys failed.csv"]


def test_everybody_gets_one_mail_who_wants_it(buoys, organization, server):
    person("carla", organization)  # the contact too
    person("mute", organization, muted=True)
    person("calm", organization, changes=False)
    for name in ("gone", "waiting"):
        user = person(name, organization)
        user.is_active, user.is_staff = name == "waiting", name == "gone"
        user.save()
    User.objects.create_user("other", email="other@example.org", is_staff=True)
    ended(buoys)
    deliveries.deliver()
    deliveries.deliver()
    assert server.receivers == ["carla@example.org"]


def test_a_contact_with_an_account_is_asked_by_it(buoys, server):
    buoys.harvest_contact = "Carla@Example.org"
    buoys.save()
    user = User.objects.create_user("carla", email="carla@example.org")
    NotificationChoice.objects.create(user=user, muted=True)
    ended(buoys)
    deliveries.deliver()
    assert server.mails == []


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def path_of(mail: EmailMessage) -> str:
    link = mail["List-Unsubscribe"].strip(" <>")
    return link.removeprefix("https://site.example.org")


def way_out(server: MailServer) -> str:
    [(_to, mail)] = server.take()
    return path_of(mail)


def test_a_contact_without_account_refuses_by_one_click(buoys, server):
    ended(buoys)
    deliveries.deliver()
    path, client = way_out(server), Client(enforce_csrf_checks=True)
    page = client.get(path).content.decode()
    assert "No more mails about sources that change state to carla@example.org" in page
    assert not MutedAddress.objects.exists()
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert "gets no more mails" in answer.content.decode()
    ended(buoys, "failed")
    deliveries.deliver()
    assert server.mails == []
    assert client.post(f"{path[:-3]}x/").status_code == 404


def test_a_member_refuses_by_one_click_and_chooses_anew(organization, buoys, server):
    buoys.harvest_contact = ""
    buoys.save()
    mia, client = person("mia", organization), Client()
    ended(buoys)
    deliveries.deliver()
    Client().post(way_out(server))
    ended(buoys, "failed")
    deliveries.deliver()
    assert server.mails == []
    client.force_login(mia)
    url = reverse("account-notifications")
    answer = client.post(url, {"changes": "on", "digest": "on"}, follow=True)
    assert "Your choice is stored" in answer.content.decode()
    ended(buoys)
    deliveries.deliver()
    assert server.receivers == ["mia@example.org"]


def later(hours: float = 0.1) -> None:
    """Let time pass for what waits."""
    for row in Delivery.objects.filter(state=DeliveryState.WAITING):
        row.next_try -= dt.timedelta(hours=hours)
        row.created -= dt.timedelta(hours=hours)
        row.save()


def test_a_change_is_told_once_though_the_process_dies_when_it_is_told(buoys):
    for status in ("finished", "failed", "finished"):
        before = buoys.last_harvest_status
        ended(buoys, status)
        HarvestSource.objects.update(last_harvest_status=before)  # it died before that
        buoys.refresh_from_db()
        ended(buoys, status)
    assert kinds() == ["first", "failing", "recovered"]


def test_held_removals_are_told_though_the_process_died_before(shrinking, provider):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"))
    jobs.run_now(shrinking)
    Event.objects.filter(kind="held").delete()  # it died before it could say so
    jobs.run_now(shrinking)
    jobs.run_now(shrinking)
    assert kinds() == ["first", "held"]


def test_what_died_between_event_and_mail_is_sent_later(buoys, server):
    ended(buoys)
    event = Event.objects.get()
    deliveries.spread_event(event)
    Event.objects.update(spread=False)  # it died before it could say so
    [row] = Delivery.objects.all()
    now = timezone.now()
    assert row.claim(now, now + deliveries.CLAIMED)  # and once more while sending
    deliveries.deliver()
    assert server.mails == []
    later()
    assert not Delivery(pk=row.pk).claim(now, now)  # another was faster
    later()
    later()
    deliveries.deliver()
    assert server.receivers == ["carla@example.org"]


def test_a_mail_is_tried_again_for_a_day_and_then_given_up(buoys, server):
    server.answer = "451 4.7.1 Later"
    ended(buoys)
    deliveries.deliver()
    row = Delivery.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    later(23)
    deliveries.deliver()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 2)
    later(0.9)
    deliveries.deliver()
    row.refresh_from_db()
    assert (row.state, "451 4.7.1 Later" in row.problem) == ("failed", True)


def test_what_is_refused_for_good_is_shown_and_tried_on_demand(
    buoys, server, admin_client
):
    server.unknown.add("carla@example.org")
    ended(buoys)
    deliveries.deliver()
    assert Delivery.objects.get().state == "failed"
    page = admin_client.get(reverse("notifications")).content.decode()
    assert "does not take mail for carla@example.org (550 5.1.1 No such user)" in page
    assert "“Buoys” is harvested for the first time" in page
    server.unknown.clear()
    admin_client.post(reverse("notifications-again"))
    deliveries.deliver()
    assert server.receivers == ["carla@example.org"]
    page = admin_client.get(reverse("notifications")).content.decode()
    assert "Not delivered" not in page


def test_a_harvest_ends_well_though_nobody_can_be_told(buoys, settings):
    gone = {"URL": f"redis://127.0.0.1:{free_port()}/0"}
    settings.RQ_QUEUES = {"default": gone, "housekeeping": gone}
    settings.RQ = {**settings.RQ, "COMMIT_MODE": "auto"}
    job = ended(buoys)
    job.refresh_from_db()
    assert (job.status, kinds()) == ("finished", ["first"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    deliveries.deliver()
    assert "refused the connection" in Delivery.objects.get().problem


def test_old_events_are_forgotten(buoys, server, settings):
    ended(buoys)
    deliveries.deliver()
    assert deliveries.forget_old() == 0
    settings.JOB_HISTORY_DAYS = -1
    assert deliveries.forget_old() == 1
    assert not Delivery.objects.exists()


def last_week(source: HarvestSource, **counts: int) -> None:
    """Put what the source did into last week."""
    start, _end = digest._bounds(digest.due_week(timezone.now()))
    when = start + dt.timedelta(days=2)
    Event.objects.update(when=when, spread=True)
    HarvestJob.objects.update(finished=when, **counts)


def test_a_digest_comes_once_a_week_to_whom_wants_it(buoys, organization, server):
    person("mia", organization, digest=True)
    person("mute", organization, digest=True, muted=True)
    person("calm", organization, digest=False)
    ended(buoys)
    last_week(buoys, added=1234)
    assert deliveries.write_digests() == 1
    assert deliveries.write_digests() == 0  # the scheduler restarted
    deliveries.deliver()
    assert deliveries.write_digests() == 0
    [(to, mail)] = server.take()
    assert to == "mia@example.org"
    assert mail["Subject"].startswith("Your sources from")
    text = text_of(mail)
    assert "“Buoys” is harvested for the first time" in text
    assert "- Buoys: 1234 added, 0 changed, 0 removed, in 1 harvest\n" in text
    Client().post(path_of(mail))
    choice = NotificationChoice.objects.get(user__username="mia")
    assert (choice.digest, choice.changes) == (False, True)


def test_a_digest_with_nothing_to_say_does_not_come(buoys, organization):
    person("mia", organization, digest=True)
    ended(buoys)
    Event.objects.update(when=timezone.now() - dt.timedelta(days=30))
    assert deliveries.write_digests() == 0
    NotificationChoice.objects.update(digest=False)
    last_week(buoys, added=1)
    assert deliveries.write_digests() == 0


def test_a_test_mail_says_what_came_of_it(server, admin_client, admin_user):
    url = reverse("notifications-test")

    def said() -> str:
        return admin_client.post(url, follow=True).content.decode()

    assert "The mail server took a test mail to admin@example.com" in said()
    assert server.receivers == ["admin@example.com"]
    server.unknown.add("admin@example.com")
    assert "does not take mail for admin@example.com (550 5.1.1" in said()
    User.objects.update(email="")
    assert "Your account has no e-mail address" in said()


def test_who_refuses_or_leaves_while_a_mail_waits_gets_none(
    buoys, organization, server
):
    people = [person(name, organization) for name in ("calm", "gone", "off", "mia")]
    ended(buoys)
    deliveries.spread_event(Event.objects.get())
    receivers.unsubscribe("carla@example.org", "changes")
    receivers.unsubscribe("calm@example.org", "changes")
    Membership.objects.filter(user=people[1]).delete()
    User.objects.filter(pk=people[2].pk).update(is_active=False)
    assert deliveries.send_due() == 1
    assert server.receivers == ["mia@example.org"]
    told = "carla@example.org wants no mail any more: nothing was sent."
    row = Delivery.objects.get(receiver="carla@example.org")
    assert (row.state, row.problem) == ("failed", told)


def test_a_digest_that_was_refused_while_it_waits_does_not_come(
    buoys, organization, server
):
    person("mia", organization, digest=True)
    ended(buoys)
    last_week(buoys, added=1)
    assert deliveries.write_digests() == 1
    receivers.unsubscribe("mia@example.org", "digest")
    assert deliveries.send_due() == 0
    assert server.mails == []


def test_a_mail_server_that_hangs_is_asked_once_a_round(buoys, organization, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.05
        for name in ("mia", "max"):
            person(name, organization)
        ended(buoys)
        deliveries.deliver()
    tries = Delivery.objects.order_by("tries").values_list("tries", flat=True)
    assert list(tries) == [0, 0, 1]
