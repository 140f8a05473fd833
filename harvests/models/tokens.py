"""What programs sign in with, in the name of a person."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from harvests.models.fields import key_field


class TokenKind(models.TextChoices):
    TOKEN = "token", "made by hand"
    LOGIN = "login", "signed in by the registry's API"


class TokenScope(models.TextChoices):
    READ = "read", "read"
    WRITE = "write", "read and write"


class ApiToken(models.Model):
    """A token of a person: only its SHA-256 is kept, and its start to know it by.

    It may do what the person may do at that moment, and with the scope `read` only
    look. A row stays when it is revoked: the audit trail names it. One of a sign-in
    is good, like a session, while the password is the one it was made with.
    """

    id = key_field()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    kind = models.CharField(
        max_length=10, choices=TokenKind, default=TokenKind.TOKEN, editable=False
    )
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=10, choices=TokenScope, default=TokenScope.READ)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    password_mark = models.CharField(max_length=64, blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    last_used = models.DateTimeField(null=True, editable=False)
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "Tokens"
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        ordering = ["-created"]
        indexes = [
            models.Index(fields=["digest"], name="token_digest"),
            models.Index(fields=["-created"], name="token_created"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_good(self, now: dt.datetime) -> bool:
        """Tell whether it may be used at that time."""
        lasts = self.expires is None or now < self.expires
        return self.revoked is None and lasts and not self.is_signed_out

    @property
    def is_signed_out(self) -> bool:
        """Tell whether it is of a sign-in with a password that is another one now."""
        if self.kind != TokenKind.LOGIN:
            return False
        user = self.user
        marks = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        return not any(constant_time_compare(self.password_mark, m) for m in marks)

    @property
    def state(self) -> str:
        if self.revoked:
            return "revoked"
        if self.is_signed_out:
            return "signed out"
        return "good" if self.is_good(timezone.now()) else "expired"

    @property
    def may_write(self) -> bool:
        return self.scope == TokenScope.WRITE
