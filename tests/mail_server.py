"""A real mail server that keeps what it is sent, or refuses as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from harvests.embedded import free_port

LOGIN = ("site", "pass word")


class MailServer:
    """`answer` is what it says to every mail; `unknown` are receivers it refuses.

    `before_answer` is called once in place of taking a mail.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.answer = "250 OK"
        self.unknown: set[str] = set()
        self.connections = 0
        self.before_answer: Callable[[], None] | None = None

    @property
    def receivers(self) -> list[str]:
        return [receiver for receiver, _mail in self.mails]

    def take(self) -> list[tuple[str, EmailMessage]]:
        """Return what came since the last time."""
        new, self.mails = self.mails, []
        return sorted(new, key=lambda pair: pair[0])

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.unknown:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.before_answer is not None:
            self.before_answer()
            self.before_answer = None
            return "451 Later"
        if self.answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.mails += [(receiver, mail) for receiver in envelope.rcpt_tos]
        return self.answer

    def authenticate(self, _server, _session, _envelope, _mechanism, data) -> Any:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == LOGIN, handled=False)


class _Controller(Controller):
    """Counts its connections, but for the first, by which it looks at itself."""

    def __init__(self, handler: MailServer, **options: Any) -> None:
        super().__init__(handler, **options)
        handler.connections = -1

    def factory(self) -> Any:
        self.handler.connections += 1
        return super().factory()


@contextmanager
def mail_server(settings: Any, **options: Any) -> Iterator[MailServer]:
    """Start one on a free port, and have the site use it."""
    server, port = MailServer(), free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    if options.get("auth_required"):
        options["authenticator"] = server.authenticate
    running = _Controller(server, hostname="127.0.0.1", port=port, **options)
    running.start()
    try:
        yield server
    finally:
        running.stop()
