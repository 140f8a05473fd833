"""Accounts: asked for, confirmed, approved, signed in to, changed; mails for real."""

import re
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes

import django_rq
import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from harvests import accounts, attempts, mail
from harvests.embedded import free_port
from harvests.models import Account, Attempt
from harvests.notifications.errors import NotificationError
from harvests.workers import HarvestWorker
from tests.roles import cast, ocean

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "correct horse battery"
NEW = "another horse battery"
ASKED = {
    "email": "Grace@Example.org",
    "name": "Grace <b>Hopper</b>",
    "other": "",
    "contact_name": "Howard",
    "contact_email": "howard@example.org",
    "password1": WORD,
    "password2": WORD,
}
ADMIN = {"is_superuser": True, "is_staff": True}
Mails = list[tuple[str, str]]


class Sink:
    """Keeps what it is sent: (receiver, text)."""

    def __init__(self) -> None:
        self.mails: Mails = []
        self.answer = "250 OK"
        self.refused, self.refusal = "", "550 No such user"

    async def handle_DATA(self, server, session, envelope) -> str:
        message = message_from_bytes(envelope.content)
        text = message.get_payload(decode=True).decode()
        if self.refused in envelope.rcpt_tos:
            return self.refusal
        if self.answer.startswith("250"):
            text = f"{message['Subject']}\n{text}"
            self.mails += [(receiver, text) for receiver in envelope.rcpt_tos]
        links = re.findall(r"http://\S+/accounts/\S+", text) or [""]
        return self.answer.format(
            f"{links[0]} token={links[0].rstrip('/').rpartition('/')[2]}"
        )


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    """A mail server on a port of its own."""
    sink, port = Sink(), free_port()
    settings.SITE_URL = "http://localhost:8000/"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    yield sink
    server.stop()


@pytest.fixture
def post(queues, sink) -> Callable[[], Mails]:
    """Call it to have the workers send what waits; it returns the new mails."""

    def deliver() -> Mails:
        queues()
        new, sink.mails = sink.mails, []
        return new

    return deliver


def link(mails: Mails) -> str:
    """Return the path of the link in the only mail."""
    ((_receiver, text),) = mails
    return re.search(r"^http://localhost:8000(/accounts/\S+)", text, re.MULTILINE)[1]


def ask(**changes: object) -> str:
    data = {**ASKED, "organizations": [ocean().pk], **changes}
    return Client().post(reverse("account-request"), data).content.decode()


def sign_in(name: str, word: str = WORD, client: Client | None = None) -> str:
    client = client or Client()
    data = {"username": name, "password": word}
    return client.post("/admin/login/", data, follow=True).content.decode()


def confirmed(post: Callable[[], Mails]) -> User:
    ask()
    Client().post(link(post()))
    return User.objects.get(username="grace@example.org")


def approved(post: Callable[[], Mails]) -> User:
    user = confirmed(post)
    accounts.approve(user, by=user)
    post()
    user.refresh_from_db()
    return user


def test_an_account_is_asked_for_confirmed_approved_and_used(post):
    clients = cast()
    assert "mail is on its way" in ask()
    assert "correct e-mail" in sign_in("grace@example.org")
    confirm = link(post())
    assert "Confirm my address" in Client().get(confirm).content.decode()
    assert not User.objects.get(username="grace@example.org").is_active
    Client().post(confirm)
    assert [to for to, _text in post()] == ["admin@example.org"]
    assert "Waiting for approval" in sign_in("GRACE@example.org")
    user = User.objects.get(username="grace@example.org")
    chosen = {"action": "approve_selected", "_selected_action": [user.pk]}
    clients["admin"].post(reverse("admin:auth_user_changelist"), chosen)
    ((receiver, text),) = post()
    assert receiver == "grace@example.org"
    assert "is approved" in text
    assert accounts.organizations_of(user) == ["Ocean Institute"]
    assert "Dashboard" in sign_in("grace@example.org")


def test_a_link_is_good_once_and_only_the_newest(post):
    ask()
    first = link(post())
    ask(name="Somebody else", password1=NEW, password2=NEW)
    second = link(post())
    assert Client().post(first).status_code == 404
    assert Client().post(second).status_code == 200
    assert Client().post(second).status_code == 404
    assert Client().get(first[:-9] + "x/").status_code == 404
    user = User.objects.get(username="grace@example.org")
    assert user.check_password(NEW)


def test_a_link_is_good_for_three_days(post, monkeypatch):
    ask()
    confirm = link(post())
    monkeypatch.setattr(accounts, "GOOD_FOR", -1)
    assert Client().post(confirm).status_code == 404


def test_known_and_unknown_addresses_get_the_same_answer(post):
    approved(post)
    tokens = re.compile(
        r'name="csrfmiddlewaretoken" value="\w+"|grace\S*?org|nobody\S*?org'
    )
    pages = [
        tokens.sub("", ask(email=to)) for to in ("grace@example.org", "nobody@x.org")
    ]
    assert pages[0] == pages[1]
    mails = dict(post())
    assert "have an account already" in mails["grace@example.org"]
    assert "Confirm your address" in mails["nobody@x.org"]
    user = User.objects.get(username="grace@example.org")
    assert user.check_password(WORD)
    assert user.is_staff


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password2": "x"}, "not the same"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"organizations": []}, "Choose or write for which organization"),
        ({"email": "grace"}, "Enter a valid email address"),
        ({"contact_email": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(changes, said):
    assert said in ask(**changes)
    assert not User.objects.exists()


def test_a_password_is_set_anew_by_mail(post):
    approved(post)
    client = Client()
    client.post(reverse("password-reset"), {"email": "GRACE@example.org"})
    page = client.get(link(post()), follow=True)
    words = {"new_password1": NEW, "new_password2": NEW}
    client.post(page.request["PATH_INFO"], words)
    assert "Dashboard" in sign_in("grace@example.org", NEW)


def test_a_stranger_asks_for_a_password_in_vain(post):
    answers = [
        Client().post(reverse("password-reset"), {"email": to})
        for to in ("nobody@example.org", "other@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert post() == []


def test_a_changed_address_is_confirmed_first(post):
    user, client = approved(post), Client()
    client.force_login(user)
    fields = {"name": "Grace", "email": "hopper@example.org"}
    page = client.post(reverse("account-profile"), fields).content.decode()
    assert "Give your password to change the address" in page
    client.post(reverse("account-profile"), {**fields, "password": WORD})
    user.refresh_from_db()
    assert (user.first_name, user.email) == ("Grace", "grace@example.org")
    Client().post(link(post()))
    user.refresh_from_db()
    assert user.username == user.email == "hopper@example.org"
    assert [to for to, _text in post()] == ["grace@example.org"]


def test_an_address_of_another_is_not_taken_over(post):
    user, client = approved(post), Client()
    User.objects.create_user("ulla", email="ulla@example.org")
    client.force_login(user)
    fields = {"name": "G", "email": "Ulla@example.org", "password": WORD}
    client.post(reverse("account-profile"), fields)
    ((receiver, text),) = post()
    assert receiver == "ulla@example.org"
    assert "have an account already" in text


def test_who_waits_sees_only_that(post):
    user, client = confirmed(post), Client()
    client.force_login(user)
    for path in ("/admin/", reverse("account-profile"), "/admin/login/"):
        page = client.get(path, follow=True)
        assert page.request["PATH_INFO"] == reverse("account-waiting")


@pytest.mark.parametrize("name", ["ann", "a.b+c@example.org", "(", "a\0b"])
def test_a_name_is_looked_for_as_it_is(name):
    for other in ("ann", "a.b+c@example.org", "("):
        User.objects.create_user(other)
    for written in (name, name.upper()):
        found = accounts.find(written)
        assert found is None if "\0" in name else found.username == name, written
    for pattern in (".*", "an.", "^ann", "ann\0x", "axb+c@example.org"):
        assert accounts.find(pattern) is None, pattern


def test_guessing_at_one_account_is_stopped(post):
    approved(post)
    for _try in range(attempts.LIMITS["pair"]):
        assert "correct e-mail" in sign_in("grace@example.org", "wrong")
    assert "too many attempts" in sign_in("Grace@example.org")
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert "Dashboard" in sign_in("grace@example.org", client=elsewhere)


def test_guessing_at_many_accounts_is_stopped(monkeypatch):
    cast()
    monkeypatch.setitem(attempts.LIMITS, "address", 3)
    for number in range(3):
        sign_in(f"user{number}")
    assert "too many attempts" in sign_in("user4")


def test_attempts_are_forgotten_in_time(post, monkeypatch):
    approved(post)
    monkeypatch.setattr(attempts, "WINDOW", -attempts.WINDOW)
    for _try in range(7):
        sign_in("grace@example.org", "wrong")
    assert "Dashboard" in sign_in("grace@example.org")


def test_right_passwords_count_for_nothing(post):
    approved(post)
    for _try in range(7):
        sign_in("grace@example.org")
    assert {row.tries for row in Attempt.objects.all() if row.tries} <= {1, 2}


def test_behind_a_proxy_its_word_counts(settings, rf):
    request = rf.get("/", headers={"X-Forwarded-For": "1.1.1.1, 192.0.2.7"})
    assert attempts.address_of(request) == "127.0.0.1"
    settings.BEHIND_PROXY = True
    assert attempts.address_of(request) == "192.0.2.7"


def test_mails_to_one_address_are_limited(post):
    pages = [ask() for _try in range(attempts.LIMITS["mail"] + 1)]
    assert "Too many mails" in pages[-1]
    assert len(post()) == attempts.LIMITS["mail"]


def test_a_mail_that_is_not_taken_is_tried_again(sink, post, queues):
    sink.answer = "451 later"
    ask()
    assert post() == []
    sink.answer = "250 OK"
    assert "451 later" in undelivered()
    assert mail.send_again() == 1
    assert len(post()) == 1
    assert mail.send_again() == 0
    assert "Not delivered" not in undelivered()


def undelivered() -> str:
    """What an admin sees of mails that did not get through."""
    browser = Client()
    browser.force_login(User.objects.get_or_create(username="root", **ADMIN)[0])
    return browser.get(reverse("notifications")).content.decode()


def test_a_mail_refused_for_good_is_shown_without_its_link_and_sent_anew(sink, post):
    sink.answer = "554 5.7.1 Spam: {}"
    ask()
    assert post() == []
    page = undelivered()
    assert "link to confirm an address" in page
    assert "grace@example.org" in page
    assert "/accounts/verify/…/ token=…)" in page
    sink.answer = "250 OK"
    browser = Client()
    browser.force_login(User.objects.get(username="root"))
    browser.post(reverse("notifications-again"))
    Client().post(link(post()))
    assert User.objects.get(username="grace@example.org").is_active
    assert "Not delivered" not in undelivered()


def test_a_mail_is_given_up_after_a_day_and_still_shown(sink, post, monkeypatch):
    sink.answer = "451 later"
    ask()
    post()
    monkeypatch.setattr(mail, "KEPT", 0)
    assert mail.send_again() == 0
    page = undelivered()
    assert "451 later" in page
    assert "Given up" in page
    User.objects.get(username="grace@example.org").delete()
    browser = Client()
    browser.force_login(User.objects.get(username="root"))
    browser.post(reverse("notifications-again"))
    assert "Not delivered" not in undelivered()


def test_each_admin_is_told_once_though_one_is_refused(sink, post):
    for name in ("ann", "ben"):
        User.objects.create_user(name, email=f"{name}@example.org", **ADMIN)
    user = confirmed(post)
    assert [to for to, _text in post()] == ["ann@example.org", "ben@example.org"]
    sink.refused = "ann@example.org"
    mail.send_later("requested", user)
    assert [to for to, _text in post()] == ["ben@example.org"]
    assert "word that somebody asks for an account" in undelivered()


def test_each_admin_is_told_once_though_one_is_to_be_asked_later(sink, post):
    for name in ("ann", "ben"):
        User.objects.create_user(name, email=f"{name}@example.org", **ADMIN)
    user = confirmed(post)
    post()
    for name in ("ann", "ben"):
        sink.refused, sink.refusal = f"{name}@example.org", "451 Later"
        mail.send_later("requested", user)
        other = {"ann": "ben", "ben": "ann"}[name]
        assert [to for to, _text in post()] == [f"{other}@example.org"]
        assert mail.send_again() == 1
        assert post() == []
        sink.refused = ""
        assert mail.send_again() == 1
        assert [to for to, _text in post()] == [f"{name}@example.org"]


def test_a_mail_that_is_not_taken_is_one_line_of_the_log(queues, caplog):
    queue = django_rq.get_queue("housekeeping")
    worker = HarvestWorker([queue], connection=queue.connection)
    job = queue.enqueue(mail.send, "reset", "1", "")
    for error in (NotificationError("The mail server is away."), KeyError("odd")):
        try:
            raise error from OSError("refused")
        except (NotificationError, KeyError):
            worker.handle_exception(job, *sys.exc_info())
    told = [record.getMessage() for record in caplog.records if record.levelno > 20]
    assert told[0] == "Not sent, and tried again for a day: The mail server is away."
    assert "Traceback" in told[1]
    assert len(told) == 2


def test_without_the_queue_nobody_is_told_that_a_mail_comes(settings):
    gone = {"URL": f"redis://127.0.0.1:{free_port()}/0"}
    settings.RQ_QUEUES = {"default": gone, "housekeeping": gone}
    assert "No mail can be sent now" in ask()
    answer = Client().post(reverse("password-reset"), {"email": "x@example.org"})
    assert "No mail can be sent now" in answer.content.decode()


def change(client: Client, user: User, **fields: object) -> str:
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
    data = {"username": user.username, "email": user.email, **joined, **fields}
    url = reverse("admin:auth_user_change", args=[user.pk])
    return client.post(url, data, follow=True).content.decode()


def test_an_admin_approves_makes_admin_and_sets_organizations(post):
    admin, user = cast()["admin"], confirmed(post)
    post()
    page = admin.get(reverse("admin:auth_user_change", args=[user.pk]))
    assert "Grace &lt;b&gt;Hopper" in page.content.decode()
    wanted = {"is_active": "on", "organizations": [ocean().pk]}
    change(admin, user, is_superuser="on", **wanted)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert accounts.organizations_of(user) == ["Ocean Institute"]
    assert [to for to, _text in post()] == ["grace@example.org"]
    change(admin, user, is_active="on", is_staff="on")
    assert accounts.organizations_of(user) == []
    assert post() == []


def test_the_last_admin_stays(queues):
    admin = cast()["admin"]
    user = User.objects.get(username="admin")
    for fields in ({"is_active": "on", "is_staff": "on"}, {"is_superuser": "on"}):
        assert "This is the last admin" in change(admin, user, **fields)
    url = reverse("admin:auth_user_delete", args=[user.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [user.pk]}
    admin.post(reverse("admin:auth_user_changelist"), {**chosen, "post": "yes"})
    assert User.objects.get(pk=user.pk).is_superuser


def test_of_two_admins_who_leave_at_once_one_stays():
    cast()
    user = User.objects.get(username="admin")
    assert not accounts.keep_an_admin(user)
    User.objects.filter(pk=user.pk).update(is_superuser=False, is_active=False)
    assert accounts.keep_an_admin(user)
    assert accounts.is_last_admin(user)


def test_a_user_who_did_nothing_yet_is_deleted(post):
    admin, user = cast()["admin"], confirmed(post)
    url = reverse("admin:auth_user_delete", args=[user.pk])
    admin.post(url, {"post": "yes"})
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Account.objects.exists()


def test_who_did_something_is_not_deleted_lest_the_trail_loses_them(post):
    admin, user = cast()["admin"], approved(post)
    accounts.trail.note(user, ocean(), "Looked at.")
    url = reverse("admin:auth_user_delete", args=[user.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 403
