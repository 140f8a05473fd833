"""Puts what a mail server, a socket or TLS says into one sentence for staff."""

import smtplib
import socket
import ssl
from typing import Final

from django.conf import settings

from harvests.notifications.errors import NotificationError, UnusableError

LONGEST: Final = 300
NO_LOGIN: Final = "it offers no login: leave MAIL_USERNAME and MAIL_PASSWORD empty"
NO_TLS: Final = "it offers no STARTTLS: set MAIL_USE_TLS to false, or another MAIL_PORT"
WRONG_PORT: Final = (
    "it speaks no TLS from the start on this port: use MAIL_USE_TLS instead of "
    "MAIL_USE_SSL, or another MAIL_PORT (often 465)"
)
SILENT: Final = (
    "it does not greet us; does this port want TLS from the start (MAIL_USE_SSL)?"
)
LEFT: Final = "it closed the connection; does MAIL_PORT fit MAIL_USE_TLS, MAIL_USE_SSL?"
LOGIN: Final = "it does not accept MAIL_USERNAME with MAIL_PASSWORD"
SENDER: Final = "set MAIL_DEFAULT_SENDER to an address that it knows"


def described(error: Exception, receiver: str = "") -> NotificationError:
    """Return the error to raise: `permanent` if the server says so for good (5xx).

    A wrong login or no TLS is for the operator to mend, so it is not permanent.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _refused(f"does not take mail for {receiver}", code, words)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _trouble(f"{LOGIN} ({_said(error.smtp_code, error.smtp_error)})")
    if isinstance(error, smtplib.SMTPSenderRefused):
        what = f"does not take mail from {settings.DEFAULT_FROM_EMAIL}"
        return _refused(what, error.smtp_code, error.smtp_error, advice=SENDER)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused("did not take the mail", error.smtp_code, error.smtp_error)
    if isinstance(error, OSError):
        return _trouble(_of_connection(error))
    return NotificationError(f"The mail cannot be written: {error}.", permanent=True)


def _of_connection(error: OSError) -> str:
    """Return what is wrong with the way to the server, without its name."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NO_TLS if "STARTTLS" in str(error) else NO_LOGIN
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return SILENT if "timed out" in str(error) else LEFT
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return WRONG_PORT if settings.EMAIL_USE_SSL else f"TLS failed ({error.reason})"
    if isinstance(error, TimeoutError):
        return SILENT
    if isinstance(error, socket.gaierror):
        return "its name is unknown: check MAIL_SERVER"
    if isinstance(error, ConnectionRefusedError):
        return "it refused the connection: is it up, are MAIL_SERVER, MAIL_PORT right?"
    return f"no connection ({error.strerror or error})"


def _trouble(words: str) -> UnusableError:
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    end = "" if words.endswith("?") else "."
    return UnusableError(f"The mail server {place} cannot be used: {words}{end}")


def _refused(
    what: str, code: int, words: bytes | str, *, advice: str = ""
) -> NotificationError:
    end = f"; {advice}" if advice else ""
    text = f"The mail server {what} ({_said(code, words)}){end}."
    return NotificationError(text, permanent=code >= 500)


def _said(code: int, words: bytes | str) -> str:
    """Return the server's answer on one line, whatever bytes it holds."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"{code} {shown}"[:LONGEST].strip()
