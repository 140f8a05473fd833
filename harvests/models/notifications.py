"""What changed at a source, whom to tell of it, and how far that got."""

import datetime as dt
import json
from typing import Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from harvests.models.fields import NO_PASSWORD, WEB_URL, key_field, new_key
from harvests.models.organizations import Organization
from harvests.models.sources import HarvestSource
from harvests.secrets import SealBrokenError, reseal, seal, unseal

MAIL: Final = "email"
HOOK: Final = "webhook"
ACCOUNT: Final = "account"  # mails about accounts, of which only failures are kept
HOOKS: Final = 20  # of one organization: each may keep the others waiting


class EventKind(models.TextChoices):
    FAILING = "failing", "Failing"
    RECOVERED = "recovered", "Recovered"
    HELD = "held", "Removals held"
    FIRST = "first", "First harvest"


class Event(models.Model):
    """A source changed state. `id` is "job-kind": a job tells each change once.

    `reasons` are up to three sentences. `spread` is false until everybody who is to
    be told has a delivery. The job may be forgotten before the event.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=80)
    source = models.ForeignKey(
        HarvestSource, on_delete=models.CASCADE, related_name="events"
    )
    job_key = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=EventKind)
    when = models.DateTimeField(default=timezone.now, db_index=True)
    sentence = models.TextField()
    reasons = models.JSONField(default=list, blank=True)
    spread = models.BooleanField(default=False, db_index=True)

    class Meta:
        db_table = "Events"
        ordering = ["-when"]
        indexes = [models.Index(fields=["source", "-when"], name="event_source_when")]

    def __str__(self) -> str:
        return self.sentence


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(state=DeliveryState.WAITING, next_try__lte=now)


class Delivery(models.Model):
    """One message to one receiver: an event, the digest of `week`, or another `mail`.

    `id` is made from what it is, the channel and the receiver, so that nobody is told
    twice. `receiver` is an address, or the key of a web hook.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=64)
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    week = models.DateField(null=True)
    mail = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=10)
    receiver = models.CharField(max_length=254)
    user_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10,
        choices=DeliveryState,
        default=DeliveryState.WAITING,
        db_index=True,
    )
    created = models.DateTimeField(default=timezone.now, db_index=True)
    next_try = models.DateTimeField(default=timezone.now)
    tries = models.IntegerField(default=0)
    problem = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        db_table = "Deliveries"
        verbose_name_plural = "deliveries"
        ordering = ["-created"]
        indexes = [models.Index(fields=["state", "next_try"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.receiver}"

    def claim(self, now: dt.datetime, until: dt.datetime) -> bool:
        """Take a due delivery; False if another process has. It is due again then."""
        mine = Delivery.objects.due(now).filter(pk=self.pk, tries=self.tries)
        if not mine.update(next_try=until, tries=self.tries + 1):
            return False
        self.tries += 1
        return True

    def settle(self, state: str, problem: str = "") -> None:
        """Store how a claimed delivery ended."""
        self.state, self.problem = state, problem
        self.save(update_fields=["state", "problem"])

    def put_off(self, until: dt.datetime, problem: str) -> None:
        """Store why a claimed delivery failed, and when it is tried again."""
        self.next_try, self.problem = until, problem
        self.save(update_fields=["next_try", "problem"])


class NotificationChoice(models.Model):
    """What a person wants to be told. `feed_key` is in the address of their feed."""

    id = key_field()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_choice",
    )
    changes = models.BooleanField(default=True)
    digest = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    feed_key = models.CharField(max_length=17, default=new_key)

    class Meta:
        db_table = "NotificationChoices"
        default_permissions = ()

    def __str__(self) -> str:
        return f"choice of {self.user_id}"


class MutedAddress(models.Model):
    """An address without an account that wants no mails; `id` is in lower case."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=254)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "MutedAddresses"
        default_permissions = ()

    def __str__(self) -> str:
        return self.id


def validate_kinds(kinds: object) -> None:
    """Raise ValidationError unless it is a list of kinds of events."""
    if not isinstance(kinds, list) or set(kinds) - set(EventKind.values):
        known = ", ".join(EventKind.values)
        raise ValidationError(f"Give a list of kinds of events: {known}.")


class HookSecretError(Exception):
    """The secret of a web hook cannot be read; the text tells staff what to do."""


class WebHook(models.Model):
    """Where events are posted to: those of an organization, or without one all.

    `kinds` empty: of every kind. `failing_since` is when it last stopped taking them.
    """

    id = key_field()
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        to_field="name",
        db_column="organization",
        null=True,
        blank=True,
        related_name="hooks",
    )
    url = models.CharField(
        max_length=700, verbose_name="URL", validators=[WEB_URL, NO_PASSWORD]
    )
    kinds = models.JSONField(default=list, blank=True, validators=[validate_kinds])
    enabled = models.BooleanField(default=True)
    note = models.TextField(blank=True, editable=False)
    sealed = models.TextField(blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    last_sent = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "WebHooks"
        verbose_name = "web hook"
        ordering = ["url"]

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        """Raise ValidationError where the organization has as many as it may."""
        others = WebHook.objects.filter(organization=self.organization_id)
        if others.filter(pk=self.pk).exists() or others.count() < HOOKS:
            return
        whose = self.organization_id or "The site"
        raise ValidationError(
            f"{whose} has {HOOKS} web hooks, and no more are possible: change or "
            "delete one that is no longer needed."
        )

    @sensitive_variables()
    def seal(self, secret: str) -> None:
        """Keep the secret; the caller saves the row."""
        self.sealed = seal(json.dumps(secret))

    @property
    @sensitive_variables()
    def secret(self) -> str:
        """Return what signs its messages. Raises HookSecretError."""
        try:
            return str(json.loads(unseal(self.sealed)))
        except SealBrokenError as error:
            raise self._unreadable() from error

    def reseal(self) -> None:
        """Encrypt with the first key, unless changed meanwhile. May raise as above."""
        try:
            sealed = reseal(self.sealed)
        except SealBrokenError as error:
            raise self._unreadable() from error
        WebHook.objects.filter(pk=self.pk, sealed=self.sealed).update(sealed=sealed)

    def _unreadable(self) -> HookSecretError:
        return HookSecretError(
            f"The secret of the web hook {self.url} cannot be read with the present "
            "SECRETS_KEY: make a new one on its page, or set the key it was stored "
            "with."
        )

    def went_well(self, when: dt.datetime) -> None:
        rows = WebHook.objects.filter(pk=self.pk)
        rows.update(failing_since=None, note="", last_sent=when)

    def went_wrong(self, when: dt.datetime, note: str) -> None:
        """Remember the first failure after the last success, and what it was."""
        rows = WebHook.objects.filter(pk=self.pk)
        rows.filter(failing_since=None).update(failing_since=when)
        rows.update(note=note)

    def disable(self, note: str) -> None:
        WebHook.objects.filter(pk=self.pk).update(enabled=False, note=note)
