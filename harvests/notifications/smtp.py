"""The one way to the mail server: many mails over one connection, errors in words.

MAIL_MAX_EMAILS and MAIL_DEBUG are what they were in Flask-Mail: after so many mails
the connection is closed and a new one opened; the conversation goes to standard error
(ours begins after the login, which is nobody's business).
"""

import smtplib
from typing import Any, Final, Self

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import BadHeaderError

from harvests.notifications.smtp_errors import described

STILL_OPEN: Final = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
)


class Mailer:
    """Sends mails one by one; used in a `with`, which closes the connection.

    `timeout` in seconds, for each answer of the server.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._connection: Any = None
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect and sign in, unless that is done. Raises NotificationError."""
        if self._connection is not None:
            return
        self._sent = 0
        self._connection = get_connection(timeout=self._timeout)
        try:
            self._connection.open()
        except OSError as error:
            self.close()
            raise described(error) from error
        wire = getattr(self._connection, "connection", None)
        if settings.MAIL_DEBUG and wire is not None:
            wire.set_debuglevel(1)

    def send(self, message: EmailMessage) -> None:
        """Send a mail to its one receiver. Raises NotificationError."""
        self.open()
        try:
            self._connection.send_messages([message])
        except (OSError, BadHeaderError, UnicodeError) as error:
            if not isinstance(error, STILL_OPEN):
                self.close()
            raise described(error, *message.to) from error
        self._sent += 1
        if self._sent >= settings.MAIL_MAX_EMAILS:
            self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except OSError:  # the server has left already
            return
