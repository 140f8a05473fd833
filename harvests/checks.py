"""System checks: every setting that cannot work says so before the site starts."""

import os
import re
from collections.abc import Iterable
from email.utils import parseaddr
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from harvests.notifications.errors import NotificationError
from harvests.notifications.smtp import Mailer

SETTINGS = "settings"
MAIL = "mail"
PATIENCE = 10  # seconds for each answer of the mail server
LEAST = 32


@register(SETTINGS)
def check_environment(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E001-E008: a variable's value is not of its kind."""
    return [
        Error(problem.message, hint=problem.hint, id=problem.check_id)
        for problem in settings.ENVIRONMENT.problems
    ]


@register(SETTINGS)
def check_output_dir(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E010: the central WAF cannot be written."""
    folder = settings.OUTPUT_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror
    else:
        if os.access(folder, os.W_OK | os.X_OK):
            return []
        reason = "no permission to write"
    message = f"OUTPUT_DIR is {str(folder)!r}: {reason}."
    hint = "Create the folder, owned by the user who runs the workers."
    return [Error(message, hint=hint, id="harvests.E010")]


@register(SETTINGS)
def check_places(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E020: a folder where a file is due, or a file where a folder is."""
    database, static = settings.SQLITE_PATH, settings.STATIC_ROOT
    found = []
    if database.is_dir() and not settings.ON_MONGODB:
        message = f"SQLITE_PATH is {str(database)!r}: a folder."
        found.append((message, "Give the path of a file in it."))
    if static.exists() and not static.is_dir():
        message = f"STATIC_ROOT is {str(static)!r}: a file."
        found.append((message, "Give a folder, made if it is not there."))
    return [Error(message, hint=hint, id="harvests.E020") for message, hint in found]


@register(SETTINGS)
def check_mail_host(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.W021: mails are written and cannot be sent."""
    if settings.EMAIL_HOST or settings.MAIL_SUPPRESS_SEND:
        return []
    message = "MAIL_SERVER is empty: no mail can be sent."
    hint = "Name a server, or set MAIL_SUPPRESS_SEND to true if there is to be no mail."
    return [Warning(message, hint=hint, id="harvests.W021")]


@register(SETTINGS)
def check_mail(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E011: TLS twice."""
    if not (settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL):
        return []
    message = "MAIL_USE_TLS and MAIL_USE_SSL are both true."
    hint = "Use MAIL_USE_TLS for STARTTLS (port 587), MAIL_USE_SSL for port 465."
    return [Error(message, hint=hint, id="harvests.E011")]


@register(SETTINGS)
def check_mail_ports(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.W016: a port that is for the other kind of TLS."""
    wrong = {
        (465, "EMAIL_USE_TLS"): "set MAIL_USE_SSL instead of MAIL_USE_TLS",
        (587, "EMAIL_USE_SSL"): "set MAIL_USE_TLS instead of MAIL_USE_SSL",
        (25, "EMAIL_USE_SSL"): "set MAIL_USE_TLS instead, or MAIL_PORT to 465",
    }
    return [
        Warning(
            f"MAIL_PORT {port} does not fit {name.replace('EMAIL', 'MAIL')}.",
            hint=f"Most often, mail servers want you to {hint}.",
            id="harvests.W016",
        )
        for (port, name), hint in wrong.items()
        if port == settings.EMAIL_PORT and getattr(settings, name)
    ]


@register(SETTINGS)
def check_mail_login(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.W017: half of a login, or one that goes over the net unencrypted."""
    name, word = settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD
    if bool(name) != bool(word):
        message = "Of MAIL_USERNAME and MAIL_PASSWORD only one is set: no login."
        return [Warning(message, hint="Set both, or none.", id="harvests.W017")]
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if not name or encrypted or settings.EMAIL_HOST in ("localhost", "127.0.0.1"):
        return []
    message = "MAIL_PASSWORD goes over the net unencrypted."
    hint = "Set MAIL_USE_TLS (port 587) or MAIL_USE_SSL (port 465)."
    return [Warning(message, hint=hint, id="harvests.W017")]


@register(SETTINGS)
def check_mail_sender(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E018: no server takes mail from what is no address."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if "@" in address.strip("@") and not re.search(r"[\s,;]", address):
        return []
    message = f"MAIL_DEFAULT_SENDER is {settings.DEFAULT_FROM_EMAIL!r}: no address."
    hint = "Give an address such as harvesting@example.org."
    return [Error(message, hint=hint, id="harvests.E018")]


@register(MAIL, deploy=True)
def check_mail_server(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E019: the mail server cannot be used. `check --deploy --tag mail` asks.

    It connects and signs in, and sends nothing.
    """
    if settings.MAIL_SUPPRESS_SEND:
        return []
    try:
        with Mailer(timeout=PATIENCE) as mailer:
            mailer.open()
    except NotificationError as error:
        hint = "Correct the MAIL_* variables, or set MAIL_SUPPRESS_SEND to true."
        return [Error(str(error), hint=hint, id="harvests.E019")]
    return []


@register(SETTINGS)
def check_ckan(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.W012: half of the CKAN settings."""
    if bool(settings.CKAN_API) == bool(settings.CKAN_API_KEY):
        return []
    message = "Of CKAN_API and CKAN_API_KEY only one is set."
    return [Warning(message, hint="Set both, or none.", id="harvests.W012")]


@register(SETTINGS)
def check_secret_key(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E013: each process would make up a key of its own."""
    if not settings.SECRET_KEY_IS_RANDOM or settings.DEBUG:
        return []
    message = "SECRET_KEY is not set: nobody could stay signed in."
    hint = (
        "Set SECRET_KEY to a long random text, the same for web and workers "
        "(`make run` writes one to .env)."
    )
    return [Error(message, hint=hint, id="harvests.E013")]


@register(SETTINGS)
def check_secrets_key(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E015: a key that could be guessed; its text is not repeated."""
    short = [text for text in settings.SECRETS_KEY if len(text) < LEAST]
    if not short:
        return []
    message = f"SECRETS_KEY holds a key of less than {LEAST} characters."
    hint = "Give long random texts, separated by commas: the first one encrypts."
    return [Error(message, hint=hint, id="harvests.E015")]


@register()
def check_schema(**_kwargs: Any) -> Iterable[CheckMessage]:
    """harvests.E014: the package with the XML schemas is not there."""
    if find_spec("d1_scimeta"):
        return []
    message = "The ISO 19139 schemas are missing."
    hint = "Install the package dataone.scimeta (it is in requirements.txt)."
    return [Error(message, hint=hint, id="harvests.E014")]
