"""What is harvested, when, and how it went last time."""

import datetime as dt
from typing import Any, Final, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

from harvests import schedules
from harvests.models.fields import (
    CKAN_SOURCE,
    NO_CONTROL,
    NO_PASSWORD,
    URL_INVALID,
    WEB_URL,
    key_field,
)
from harvests.models.options import SourceOptions
from harvests.models.organizations import Organization
from harvests.pipeline.sources import SOURCES

RECENT: Final = 10  # jobs of which a source keeps a line


class SourceQuerySet(models.QuerySet["HarvestSource"]):
    def published(self) -> Self:
        return self.filter(publish=True)

    def due(self, now: dt.datetime) -> Self:
        """Published sources whose time has come, or that were never planned."""
        never = models.Q(next_harvest_dt=None)
        return self.published().filter(never | models.Q(next_harvest_dt__lte=now))

    def named(self, name_or_id: str) -> "HarvestSource":
        """Return the source with this id or name. Raises DoesNotExist."""
        return self.filter(pk=name_or_id).first() or self.get(name=name_or_id)


class HarvestSource(SourceOptions):
    """A URL that we harvest, and how it went last time."""

    id = key_field()
    name = models.CharField(max_length=200, validators=[NO_CONTROL])
    url = models.CharField(
        max_length=700,
        unique=True,
        validators=[WEB_URL, NO_PASSWORD],
        error_messages={"blank": URL_INVALID},
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        to_field="name",
        db_column="organization",
        related_name="sources",
    )
    harvest_type = models.CharField(
        max_length=20, default="WAF", verbose_name="kind", db_index=True
    )
    publish = models.BooleanField(
        default=False, help_text="Harvest on schedule and with “all”."
    )
    harvest_contact = models.EmailField(blank=True, verbose_name="contact")
    ckan_harvest_url = models.CharField(
        max_length=500,
        blank=True,
        validators=[CKAN_SOURCE],
        verbose_name="CKAN source",
    )  # as older documents of the registry have it
    harvest_interval = models.FloatField(
        default=1,
        validators=[
            MinValueValidator(1 / 24, "Give at least 0.042 days (one hour)."),
            MaxValueValidator(3660, "Give at most 3660 days (ten years)."),
        ],
        help_text="Days between harvests, where no cron expression is given.",
    )
    cron = models.CharField(
        max_length=100,
        blank=True,
        validators=[schedules.validate_cron],
        help_text="Five fields, such as “30 3 * * *”; used in place of the interval.",
    )
    time_zone = models.CharField(
        max_length=60,
        default="UTC",
        validators=[schedules.validate_time_zone],
        help_text="IANA name for the cron expression, such as Europe/Paris.",
    )
    next_harvest_dt = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name="next harvest"
    )
    max_depth = models.PositiveSmallIntegerField(
        default=2, help_text="Folder levels below the URL that are read."
    )
    removal_limit = models.PositiveSmallIntegerField(
        default=20,
        validators=[MaxValueValidator(100)],
        help_text="Percent of the records (and at least 5, but never more than half) "
        "that may go in one harvest; if more are missing, their removal is held.",
    )
    last_harvest_dt = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name="last harvest"
    )
    last_harvest_status = models.CharField(
        max_length=10, null=True, blank=True, editable=False, verbose_name="status"
    )  # null until the first harvest, as the registry has it
    last_message = models.TextField(blank=True, editable=False)
    last_record_count = models.IntegerField(
        default=0, editable=False, verbose_name="records"
    )
    last_good_count = models.IntegerField(
        default=0, editable=False, verbose_name="good"
    )
    last_bad_count = models.IntegerField(
        default=0, editable=False, verbose_name="with errors"
    )
    held_count = models.IntegerField(default=0, editable=False, verbose_name="held")
    # Records that stay because a person said so, though the source does not list them
    kept_count = models.IntegerField(default=0, editable=False, verbose_name="kept")
    state_since = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name="ok or failing since"
    )
    recent_jobs = models.JSONField(default=list, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        db_table = "Harvests"
        verbose_name = "source"
        ordering = ["name"]
        indexes = [
            models.Index(fields=["url"], name="source_url"),
            models.Index(fields=["publish", "next_harvest_dt"], name="source_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the path of its page: what mails, feeds and the API link to."""
        return reverse("source", args=[self.pk])

    def clean(self) -> None:
        """Raise ValidationError with all that form, API and command refuse alike."""
        found: dict[str, Any] = {}
        for check in (
            *(super().clean, self._check_address),
            *(self._check_organization, self._check_kind),
        ):
            try:
                check()
            except ValidationError as error:
                found = error.update_error_dict(found)
        if found:
            raise ValidationError(found)

    def _check_address(self) -> None:
        if sentence := self.taken(self.url):
            raise ValidationError({"url": sentence})

    def taken(self, url: str) -> str:
        """Return who else has this address, in a sentence; "" if nobody."""
        same = HarvestSource.objects.filter(url=url).exclude(pk=self.pk)
        other = same.first()
        if other is None:
            return ""
        return f"The source “{other}” of {other.organization_id} has this URL already."

    def _check_kind(self) -> None:
        if self.harvest_type not in SOURCES:
            kinds = ", ".join(SOURCES)
            raise ValidationError(
                {"harvest_type": f"Not a kind of source: give one of {kinds}."}
            )

    def _check_organization(self) -> None:
        """Its files lie in the folder of its organization, where CKAN knows them."""
        before = HarvestSource.objects.filter(pk=self.pk).first()
        if before is None or before.organization_id == self.organization_id:
            return
        if before.has_files:
            message = (
                "The records are published in the folder of "
                f"“{before.organization_id}”: register the source anew under the other "
                "organization, and delete this one."
            )
            raise ValidationError({"organization": message})

    @cached_property
    def has_files(self) -> bool:
        """Tell whether its organization's folder or trash holds something of it."""
        return self.records.exists() or self.names.exists() or self.trash.exists()

    def take_stock(self) -> None:
        """Store what the source has now."""
        records = self.records.all()
        total = records.count()
        bad = records.filter(trouble__gt=0).count()
        self.last_record_count = total
        self.last_bad_count = bad
        self.last_good_count = total - bad
        missing = records.filter(missing_since__isnull=False)
        self.kept_count = missing.filter(restored=True).count()
        self.held_count = missing.count() - self.kept_count
        self.save(
            update_fields=[
                *("last_record_count", "last_bad_count", "last_good_count"),
                *("held_count", "kept_count"),
            ]
        )

    def note_harvest(self, *, ok: bool, message: str, when: dt.datetime) -> None:
        """Store how the last harvest went that was not cancelled, and since when."""
        status = "ok" if ok else "fail"
        if status != self.last_harvest_status or self.state_since is None:
            self.state_since = when
        self.last_harvest_dt = when
        self.last_harvest_status = status
        self.last_message = message
        self.save(
            update_fields=[
                *("last_harvest_dt", "last_harvest_status", "last_message"),
                "state_since",
            ]
        )

    def remember(self, line: dict[str, Any]) -> None:
        """Keep the line of a job that ended among the last ten, the newest last."""
        self.recent_jobs = [*self.recent_jobs, line][-RECENT:]
        self.save(update_fields=["recent_jobs"])

    def plan_next(self, after: dt.datetime, default_cron: str = "") -> None:
        """Set the time of the next harvest and store it."""
        self.next_harvest_dt = schedules.next_time(
            after,
            cron=self.cron or default_cron,
            time_zone=self.time_zone,
            days=self.harvest_interval,
        )
        self.save(update_fields=["next_harvest_dt"])
