"""Web hooks: signed, tried again, switched off when they stay away; whose they are."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from harvests.embedded import free_port
from harvests.models import Delivery, Event, HarvestSource, Organization, WebHook
from harvests.notifications import deliveries, webhook
from harvests.notifications.webhook import new_secret
from tests import misbehaving
from tests.roles import cast, ocean
from tests.test_notifications import ended, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


@pytest.fixture
def buoys(source_of) -> HarvestSource:
    return source_of("https://example.org/", name="Buoys")


def hook(url: str, **fields: object) -> WebHook:
    made = WebHook(url=url, **fields)
    made.seal(new_secret())
    made.save()
    return made


def told(source: HarvestSource, status: str = "finished") -> None:
    ended(source, status)
    deliveries.deliver()


def verified(exchange: misbehaving.Exchange, secret: str) -> bool:
    """Check the signature as the README says, by nothing of ours."""
    headers = exchange.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, signed + exchange.body, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_an_event_is_posted_and_signed(site, buoys, organization):
    mine = hook(site.url("hook"), organization=organization)
    told(buoys)
    [exchange] = site.seen
    content = json.loads(exchange.body)
    assert content["type"] == "source.first"
    assert content["data"]["source"]["name"] == "Buoys"
    assert content["data"]["organization"] == "Ocean Institute"
    assert "for the first time" in content["data"]["sentence"]
    assert set(content["data"]["links"]) == {"source", "job", "failures"}
    assert verified(exchange, mine.secret)
    assert not verified(exchange, new_secret())
    mine.refresh_from_db()
    assert mine.last_sent is not None
    deliveries.deliver()
    assert len(site.seen) == 1


def test_who_gets_which_events(site, buoys):
    river = Organization.objects.create(name="River Office")
    hook(site.url("all"))
    hook(site.url("held"), kinds=["held"])
    hook(site.url("failing"), kinds=["failing", "held"])
    hook(site.url("river"), organization=river)
    hook(site.url("off"), enabled=False)
    told(buoys)
    told(buoys, "failed")
    assert site.targets() == ["/all", "/all", "/failing"]


def test_a_server_in_trouble_is_asked_again(site, buoys):
    mine = hook(site.url("flaky/500/1"))
    told(buoys)
    row = Delivery.objects.get()
    assert (row.state, "answered 500" in row.problem) == ("waiting", True)
    mine.refresh_from_db()
    assert mine.failing_since and mine.enabled
    later()
    deliveries.deliver()
    row.refresh_from_db()
    mine.refresh_from_db()
    assert (row.state, mine.failing_since, mine.note) == ("sent", None, "")
    first, second = site.seen
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("status/404", "answered 404"),
        ("to/307?/other", "redirects to http://127.0.0.1"),
    ],
)
def test_a_wrong_address_is_told_and_not_asked_again(site, buoys, path, said):
    hook(site.url(path))
    told(buoys)
    row = Delivery.objects.get()
    assert (row.state, said in row.problem) == ("failed", True)
    assert len(site.seen) == 1


def test_one_that_is_gone_is_switched_off_at_once(site, buoys):
    mine = hook(site.url("status/410"))
    told(buoys)
    mine.refresh_from_db()
    assert not mine.enabled
    assert mine.note.startswith("Switched off: ")
    told(buoys, "failed")
    assert len(site.seen) == 1


def test_one_that_fails_for_a_week_is_switched_off(site, buoys):
    mine = hook(site.url("status/503"))
    told(buoys)
    long_ago = timezone.now() - dt.timedelta(days=7, minutes=1)
    WebHook.objects.update(failing_since=long_ago)
    told(buoys, "failed")
    mine.refresh_from_db()
    assert not mine.enabled
    assert mine.note.startswith("Switched off after 7 days without success: ")
    later()
    deliveries.deliver()
    assert "gone or off" in Delivery.objects.exclude(state="waiting").first().problem


def test_a_private_address_is_not_dialled(site, buoys, settings):
    settings.ALLOW_PRIVATE_NETWORKS = ()
    hook(site.url("hook"))
    told(buoys)
    assert site.connections == 0
    assert "refused to connect to 127.0.0.1" in Delivery.objects.get().problem


def test_secrets_follow_the_keys(site, buoys, settings):
    settings.SECRETS_KEY = ["an old key of more than 32 characters"]
    mine = hook(site.url("hook"))
    before, new = mine.secret, "a new key of more than 32 characters!"
    settings.SECRETS_KEY = [new, *settings.SECRETS_KEY]
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert "Encrypted the secrets of 1 web hook anew." in out.getvalue()
    settings.SECRETS_KEY = [new]
    mine.refresh_from_db()
    assert mine.secret == before
    settings.SECRETS_KEY, settings.SECRET_KEY = [], "y" * 60
    told(buoys)
    assert (
        "cannot be read with the present SECRETS_KEY" in Delivery.objects.get().problem
    )


def test_a_member_makes_one_and_sees_its_secret_once(organization):
    client = cast()["member"]
    url = reverse("admin:harvests_webhook_add")
    page = client.get(url).content.decode()
    assert "River Office" not in page
    fields = {"url": "https://hooks.example.org/x", "kinds": ["failing"]}
    assert "This field is required" in client.post(url, fields).content.decode()
    mine = {**fields, "organization": organization.name, "enabled": "on"}
    page = client.post(url, mine, follow=True).content.decode()
    made = WebHook.objects.get()
    assert (made.kinds, made.organization_id) == (["failing"], "Ocean Institute")
    assert made.secret.startswith("whsec_")
    assert made.secret in page
    change = reverse("admin:harvests_webhook_change", args=[made.pk])
    assert made.secret not in client.get(change).content.decode()
    before = made.secret
    renew = reverse("admin:harvests_webhook_secret", args=[made.pk])
    assert "shown only now" in client.post(renew, follow=True).content.decode()
    made.refresh_from_db()
    assert made.secret != before
    assert LogEntry.objects.filter(change_message="Made a new secret.").exists()


def test_nobody_sees_the_hooks_of_others():
    clients = cast()
    hook("https://hooks.example.org/ocean", organization=ocean())
    hook("https://hooks.example.org/site")
    page = reverse("admin:harvests_webhook_changelist")
    seen = {
        role: [
            name
            for name in ("ocean", "site")
            if f"hooks.example.org/{name}" in clients[role].get(page).content.decode()
        ]
        for role in ("other", "member", "admin")
    }
    assert seen == {"other": [], "member": ["ocean"], "admin": ["ocean", "site"]}


def test_one_that_is_switched_on_again_starts_afresh(organization):
    client = cast()["member"]
    old = timezone.now() - dt.timedelta(days=30)
    mine = hook(
        "https://hooks.example.org/x",
        organization=organization,
        enabled=False,
        failing_since=old,
        note="Switched off",
    )
    change = reverse("admin:harvests_webhook_change", args=[mine.pk])
    assert "Switched off" in client.get(change).content.decode()
    fields = {"url": mine.url, "organization": organization.name, "enabled": "on"}
    client.post(change, fields)
    mine.refresh_from_db()
    assert (mine.enabled, mine.failing_since, mine.note) == (True, None, "")
    assert Event.objects.count() == 0


def test_mails_that_wait_keep_no_hook_waiting(site, buoys, settings, monkeypatch):
    """Each channel has its own time, however much of it another took."""
    monkeypatch.setattr(deliveries, "BUSY_FOR", 0.04)
    HarvestSource.objects.update(harvest_contact="carla@example.org")
    buoys.refresh_from_db()
    hook(site.url("hook"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.05
        told(buoys)
    assert "does not greet us" in Delivery.objects.get(channel="email").problem
    assert site.targets() == ["/hook"]


def test_a_hook_that_cannot_be_reached_is_asked_once_a_round(buoys):
    hook(f"http://127.0.0.1:{free_port()}/")
    for status in ("finished", "failed"):
        ended(buoys, status)
    deliveries.deliver()
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 1]


def test_an_error_nobody_thought_of_stops_no_other(site, buoys, monkeypatch, caplog):
    bad, real = site.url("bad"), webhook.post

    def post(url: str, *rest: object) -> object:
        if url == bad:
            raise RuntimeError("odd")
        return real(url, *rest)

    monkeypatch.setattr(webhook, "post", post)
    keys = [hook(bad).pk, hook(site.url("good")).pk]
    ended(buoys)
    deliveries.spread_event(Event.objects.get())
    early = timezone.now() - dt.timedelta(minutes=1)
    Delivery.objects.filter(receiver=keys[0]).update(next_try=early)  # it is first
    assert deliveries.send_due() == 1
    row = Delivery.objects.get(receiver=keys[0])
    assert (row.state, "error of this program (RuntimeError)" in row.problem) == (
        "waiting",
        True,
    )
    assert row.next_try < timezone.now() + dt.timedelta(minutes=2)
    assert "RuntimeError: odd" in caplog.text
    later(25)
    deliveries.deliver()
    row.refresh_from_db()
    assert row.state == "failed"


def test_an_organization_has_so_many_hooks_and_no_more(organization):
    client, add = cast()["member"], reverse("admin:harvests_webhook_add")
    for number in range(20):
        last = hook(f"https://hooks.example.org/{number}", organization=organization)
    fields = {"organization": organization.name, "enabled": "on"}
    new = {**fields, "url": "https://hooks.example.org/new"}
    page = client.post(add, new).content.decode()
    assert "Ocean Institute has 20 web hooks, and no more are possible" in page
    change = reverse("admin:harvests_webhook_change", args=[last.pk])
    assert client.post(change, new).status_code == 302
    assert WebHook.objects.count() == 20
