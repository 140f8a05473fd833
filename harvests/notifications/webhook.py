"""Posts an event to a web hook, signed by the rules of Standard Webhooks.

Source of the rules: https://www.standardwebhooks.com, "Signature scheme", version 1.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import secrets
from dataclasses import replace
from typing import Final

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from harvests import conf
from harvests.models import Delivery, HookSecretError, WebHook
from harvests.notifications.channel import Channel
from harvests.notifications.errors import NotificationError, UnusableError
from harvests.notifications.wording import payload
from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.posting import post

PREFIX: Final = "whsec_"
BYTES: Final = 32  # of a secret; the rules want 24 to 64
CONNECT: Final = 10  # seconds
WHOLE: Final = 20  # seconds
PATIENCE: Final = dt.timedelta(days=7)
GONE: Final = 410
PASSING: Final = (408, 425, 429)


class GoneError(NotificationError):
    """The server wants no more events, ever."""


class Hook(Channel):
    def server_of(self, delivery: Delivery) -> str:
        return delivery.receiver

    def notify(self, delivery: Delivery) -> None:
        hook = WebHook.objects.filter(pk=delivery.receiver).first()
        if hook is None or not hook.enabled or delivery.event is None:
            raise NotificationError("The web hook is gone or off.", permanent=True)
        try:
            _post(hook, delivery)
        except NotificationError as error:
            _note_failure(hook, error)
            raise
        hook.went_well(timezone.now())


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


@sensitive_variables()
def signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header: HMAC-SHA256 of "key.timestamp.body"."""
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raw = secret.encode()
    signed = f"{key}.{timestamp}.".encode() + body
    digest = hmac.new(raw, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


@sensitive_variables("secret", "headers")
def _post(hook: WebHook, delivery: Delivery) -> None:
    """Post the event. Raises NotificationError."""
    assert delivery.event is not None
    body = json.dumps(payload(delivery.event)).encode()
    try:
        secret = hook.secret
    except HookSecretError as error:
        raise NotificationError(str(error), permanent=True) from error
    now = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.pk,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, delivery.pk, now, body),
    }
    limits = {"connect_timeout": CONNECT, "total_timeout": WHOLE}
    policy = replace(conf.fetch_policy(), **limits)
    try:
        answer = post(hook.url, body, headers, policy)
    except FetchError as error:
        raise UnusableError(f"{hook.url}: {error}.") from error
    _judge(hook, answer.status, answer.location)


def _judge(hook: WebHook, status: int, location: str) -> None:
    """Raise NotificationError for an answer other than 2xx."""
    if 200 <= status < 300:
        return
    if status == GONE:
        what = f"{hook.url} answered 410 Gone: it wants no more events."
        raise GoneError(what, permanent=True)
    what = f"answered {status}"
    if location:
        what = f"redirects to {location}: enter that address, if it is the right one"
    passing = status >= 500 or status in PASSING
    raise NotificationError(f"{hook.url} {what}.", permanent=not passing)


def _note_failure(hook: WebHook, error: NotificationError) -> None:
    """Remember it; switch the hook off if it is gone, or after a week of failures."""
    now = timezone.now()
    hook.went_wrong(now, str(error))
    if isinstance(error, GoneError):
        hook.disable(f"Switched off: {error}")
    elif hook.failing_since and now - hook.failing_since >= PATIENCE:
        days = PATIENCE.days
        hook.disable(f"Switched off after {days} days without success: {error}")
