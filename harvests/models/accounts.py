"""Who asked for an account, and whose sources a person may change."""

from django.conf import settings
from django.db import models

from harvests.models.fields import key_field
from harvests.models.organizations import Organization


class Membership(models.Model):
    """A person who may change what belongs to an organization."""

    id = key_field()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        to_field="name",
        db_column="organization",
        related_name="memberships",
    )

    class Meta:
        db_table = "Memberships"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"], name="membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization_id}"


class Account(models.Model):
    """What a person told us when asking for an account, and how far that went."""

    id = key_field()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account"
    )
    wanted = models.JSONField(default=list, verbose_name="organizations asked for")
    other = models.CharField(
        max_length=200, blank=True, verbose_name="another organization"
    )
    contact_name = models.CharField(max_length=150, blank=True)
    contact_email = models.EmailField(blank=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "Accounts"

    def __str__(self) -> str:
        return f"account of {self.user_id}"


class Attempt(models.Model):
    """How often something was tried from one place until `until`: see `attempts`."""

    id = key_field()
    tries = models.IntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "SignInAttempts"

    def __str__(self) -> str:
        return f"{self.tries} until {self.until}"
