"""The way to the mail server: one connection for many mails, errors in a sentence."""

import pytest
from django.core.mail import EmailMessage

from harvests import checks
from harvests.embedded import free_port
from harvests.notifications import NotificationError
from harvests.notifications.email import file_name
from harvests.notifications.smtp import Mailer
from tests import misbehaving
from tests.certificates import Authority
from tests.mail_server import LOGIN, mail_server


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def certificate(authority, monkeypatch):
    """A certificate for 127.0.0.1 that we trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    return authority.sign("mail", "127.0.0.1", until="491231235959Z")


def send(*receivers: str, **headers: str) -> None:
    with Mailer(timeout=1) as mailer:
        for receiver in receivers or ("ada@example.org",):
            mailer.send(EmailMessage("Hi", "Text", to=[receiver], headers=headers))


def refusal(**headers: str) -> NotificationError:
    with pytest.raises(NotificationError) as caught:
        send(**headers)
    return caught.value


def test_many_mails_share_a_connection_up_to_the_limit(settings):
    addresses = [f"user{number}@example.org" for number in range(5)]
    with mail_server(settings) as server:
        send(*addresses)
        assert (server.receivers, server.connections) == (addresses, 1)
        settings.MAIL_MAX_EMAILS = 2
        send(*addresses)
    assert server.connections == 1 + 3
    assert [mail["To"] for _to, mail in server.mails] == addresses * 2


def test_after_a_refused_receiver_the_connection_goes_on(settings):
    with mail_server(settings) as server:
        server.unknown.add("nobody@example.org")
        with Mailer() as mailer:
            with pytest.raises(NotificationError) as caught:
                mailer.send(EmailMessage("Hi", "Text", to=["nobody@example.org"]))
            mailer.send(EmailMessage("Hi", "Text", to=["ada@example.org"]))
    assert (server.receivers, server.connections) == (["ada@example.org"], 1)
    assert caught.value.permanent
    assert str(caught.value) == (
        "The mail server does not take mail for nobody@example.org "
        "(550 5.1.1 No such user)."
    )


def test_what_is_refused_for_now_is_told_from_what_is_refused_for_good(settings):
    with mail_server(settings) as server:
        for answer, permanent in (("451 4.7.1 Later", False), ("554 Spam", True)):
            server.answer = answer
            error = refusal()
            assert (error.permanent, answer in str(error)) == (permanent, True)
        refused = refusal(Subject="a\nb")
        assert refused.permanent
        assert "cannot be written" in str(refused)


def test_no_server_is_no_reason_to_give_up(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    error = refusal()
    assert not error.permanent
    assert "it refused the connection" in str(error)
    settings.EMAIL_HOST = "mail.invalid"
    assert "its name is unknown: check MAIL_SERVER" in str(refusal())


def test_tls_from_the_start_and_starttls_work(settings, certificate):
    settings.EMAIL_USE_SSL = True
    with mail_server(settings, ssl_context=certificate) as server:
        send()
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = False, True
    with mail_server(settings, tls_context=certificate) as other:
        send()
    assert server.receivers == other.receivers == ["ada@example.org"]


def test_the_wrong_kind_of_tls_is_told(settings, certificate):
    with mail_server(settings):
        settings.EMAIL_USE_TLS = True
        assert "it offers no STARTTLS: set MAIL_USE_TLS to false" in str(refusal())
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, True
        assert "it speaks no TLS from the start on this port" in str(refusal())
    settings.EMAIL_USE_SSL = False
    with mail_server(settings, ssl_context=certificate):
        assert "does this port want TLS from the start" in str(refusal())


def test_a_certificate_of_a_stranger_is_refused(settings, authority):
    settings.EMAIL_USE_SSL = True
    stranger = authority.self_sign("stranger", "127.0.0.1")
    with mail_server(settings, ssl_context=stranger) as server:
        assert "its certificate is not accepted (self" in str(refusal())
    assert server.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_wrong_login_is_told_and_the_right_one_is_not_in_the_debug_output(
    settings, capfd
):
    settings.MAIL_DEBUG = True
    name, word = LOGIN
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = name, "wrong"
    with mail_server(settings, auth_required=True, auth_require_tls=False) as server:
        error = refusal()
        settings.EMAIL_HOST_PASSWORD = word
        send()
    assert "does not accept MAIL_USERNAME with MAIL_PASSWORD (535" in str(error)
    assert not error.permanent
    assert server.receivers == ["ada@example.org"]
    shown = capfd.readouterr().err
    assert "RCPT TO" in shown.upper()
    assert "AUTH" not in shown


def test_a_server_without_login_or_that_hangs_up_is_told(settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = LOGIN
    with mail_server(settings):
        assert "it offers no login" in str(refusal())
    with misbehaving.server() as web:  # waits for a request, says nothing
        settings.EMAIL_PORT = web.port
        assert "it does not greet us" in str(refusal())


def test_the_check_connects_and_sends_nothing(settings):
    with mail_server(settings) as server:
        assert checks.check_mail_server() == []
        assert (server.connections, server.mails) == (1, [])
    [error] = checks.check_mail_server()
    assert (error.id, "refused the connection" in error.msg) == ("harvests.E019", True)
    settings.MAIL_SUPPRESS_SEND = True
    assert checks.check_mail_server() == []


def test_names_of_attachments_are_ascii_if_asked(settings):
    assert file_name("Élan/vital: a.csv") == "Élan vital a.csv"
    settings.MAIL_ASCII_ATTACHMENTS = True
    assert file_name("Élan/vital: a.csv") == "Elan vital a.csv"
