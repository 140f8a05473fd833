"""Organizations, sources, jobs, records and what jobs did to records.

On MongoDB the collections and fields are those the predecessor's registry reads
(`db_table`, `db_column`); our own fields stand beside them. Models own their state
changes, by conditional updates.
"""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator, URLValidator
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from harvests import schedules
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Result, Stage

WEB_URL = URLValidator(schemes=["http", "https"])
NO_PASSWORD = RegexValidator(
    r"^[a-z]+://[^/?#]*@",
    "Leave out the name and password before the @: they would be shown with the URL.",
    inverse_match=True,
)
SITE_URL = RegexValidator(
    r"^(https?|ftp)://", "Give a URL that starts with http://, https:// or ftp://."
)
FOLDER_NAME = RegexValidator(
    r"^(?![._~])[^/\\\x00-\x1f\x7f?#%]{1,100}(?<![. ])$",
    "Use a name that can be a folder: at most 100 characters, none of / \\ ? # %, "
    "and no dot at the start or the end.",
)
# A letter for each of the 256 bytes; that some are likelier does no harm to a key.
_LETTERS = (b"23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz" * 5)[:256]


def new_key() -> str:
    """Return a 17 character key, as the predecessor's Meteor made them."""
    return secrets.token_bytes(17).translate(_LETTERS).decode()


def key_field() -> models.CharField:
    return models.CharField(
        primary_key=True,
        db_column="_id",
        max_length=64,
        default=new_key,
        editable=False,
    )


class Organization(models.Model):
    """Owns sources; its name is the name of its folder in the store."""

    id = key_field()
    name = models.CharField(max_length=100, unique=True, validators=[FOLDER_NAME])
    description = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True, validators=[SITE_URL])
    logo_url = models.CharField(max_length=500, blank=True, validators=[SITE_URL])
    ckan_harvest_url = models.CharField(
        max_length=500, blank=True, validators=[SITE_URL], verbose_name="CKAN source"
    )

    class Meta:
        db_table = "Organizations"
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="organization_name")]

    def __str__(self) -> str:
        return self.name


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


class HarvestSource(models.Model):
    """A URL that we harvest, and how it went last time."""

    id = key_field()
    name = models.CharField(max_length=200)
    url = models.CharField(
        max_length=700, unique=True, validators=[WEB_URL, NO_PASSWORD]
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
    harvest_interval = models.FloatField(
        default=1,
        validators=[MinValueValidator(1 / 24)],
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
        help_text="Percent of the records (and at least 5) that may go in one "
        "harvest; if more are missing, their removal is held.",
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

    def clean(self) -> None:
        if self.harvest_type not in SOURCES:
            kinds = ", ".join(SOURCES)
            raise ValidationError(
                {"harvest_type": f"Not a kind of source: give one of {kinds}."}
            )

    def take_stock(self, *, ok: bool, message: str, when: dt.datetime) -> None:
        """Store how the last harvest went, and what the source has now."""
        records = self.records.all()
        total = records.count()
        bad = records.filter(
            models.Q(error_count__gt=0) | models.Q(failure__isnull=False)
        ).count()
        self.last_harvest_dt = when
        self.last_harvest_status = "ok" if ok else "fail"
        self.last_message = message
        self.last_record_count = total
        self.last_bad_count = bad
        self.last_good_count = total - bad
        self.held_count = records.filter(missing_since__isnull=False).count()
        self.save(
            update_fields=[
                *("last_harvest_dt", "last_harvest_status", "last_message"),
                *("last_record_count", "last_bad_count", "last_good_count"),
                "held_count",
            ]
        )

    def plan_next(self, after: dt.datetime, default_cron: str = "") -> None:
        """Set the time of the next harvest and store it."""
        self.next_harvest_dt = schedules.next_time(
            after,
            cron=self.cron or default_cron,
            time_zone=self.time_zone,
            days=self.harvest_interval,
        )
        self.save(update_fields=["next_harvest_dt"])


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobAlreadyActiveError(Exception):
    """The source has a queued or running job; the message names it."""


class JobQuerySet(models.QuerySet["HarvestJob"]):
    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def stalled(self, now: dt.datetime) -> Self:
        """Running jobs that gave no sign of life for STALLED_AFTER seconds."""
        before = now - dt.timedelta(seconds=settings.STALLED_AFTER)
        return self.filter(status=JobStatus.RUNNING, heartbeat__lt=before)

    def start_for(self, source: HarvestSource, **options: Any) -> "HarvestJob":
        """Create a queued job. Raises JobAlreadyActiveError: one per source."""
        try:
            with transaction.atomic():
                return self.create(source=source, active_source=source.pk, **options)
        except IntegrityError as error:
            raise JobAlreadyActiveError(
                f"“{source}” is being harvested already: wait for that job to end, "
                "or cancel it."
            ) from error


class HarvestJob(models.Model):
    """One run over one source. `active_source` is unique while it is active."""

    id = key_field()
    source = models.ForeignKey(
        HarvestSource,
        on_delete=models.CASCADE,
        db_column="parent_harvest",
        related_name="jobs",
    )
    active_source = models.CharField(
        max_length=64, null=True, unique=True, editable=False
    )  # null, not "": many jobs have none, and the constraint lets those be
    status = models.CharField(
        max_length=10, choices=JobStatus, default=JobStatus.QUEUED, db_index=True
    )
    date = models.DateTimeField(default=timezone.now, verbose_name="created")
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True, db_index=True)
    successful = models.BooleanField(null=True)
    failure = models.JSONField(null=True, blank=True)
    stage = models.CharField(max_length=10, blank=True)
    requested_by = models.CharField(max_length=150, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    allow_removals = models.BooleanField(default=False)
    clean_stale = models.BooleanField(default=False)
    force = models.BooleanField(default=False)
    num_records = models.IntegerField(default=0, verbose_name="discovered")
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    with_errors = models.IntegerField(default=0)
    requests = models.JSONField(default=dict, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "Attempts"
        verbose_name = "job"
        ordering = ["-date"]
        indexes = [
            models.Index(fields=["source", "-date"], name="job_source_date"),
            models.Index(fields=["-date"], name="job_date"),
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.date:%Y-%m-%d %H:%M} UTC"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def seconds(self) -> float | None:
        """How long it ran, or has been running; None before it started."""
        if self.started is None:
            return None
        return ((self.finished or timezone.now()) - self.started).total_seconds()

    @property
    def message(self) -> str:
        return (self.failure or {}).get("message", "")

    def _move(self, from_status: Iterable[str], **fields: Any) -> bool:
        moved = HarvestJob.objects.filter(
            pk=self.pk, status__in=list(from_status)
        ).update(**fields)
        if moved:
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(moved)

    def claim(self, worker: str) -> bool:
        """queued → running; False if somebody else has it or it was cancelled."""
        now = timezone.now()
        return self._move(
            [JobStatus.QUEUED],
            status=JobStatus.RUNNING,
            started=now,
            heartbeat=now,
            worker=worker[:200],
        )

    def beat(self, **counters: Any) -> bool:
        """Store counters and a sign of life; False if the job is to stop.

        It stops when somebody asked to cancel it, or failed it as stalled.
        """
        self._move([JobStatus.RUNNING], heartbeat=timezone.now(), **counters)
        row = HarvestJob.objects.filter(pk=self.pk).values("status", "cancel_requested")
        state = row.first()
        return bool(
            state
            and state["status"] == JobStatus.RUNNING
            and not state["cancel_requested"]
        )

    def end(self, status: str, *, message: str = "", code: int = 0) -> bool:
        """running or queued → an end status, once; False if it had ended before."""
        return self._move(
            ACTIVE,
            status=status,
            active_source=None,
            finished=timezone.now(),
            successful=status == JobStatus.FINISHED,
            failure={"code": code, "message": message} if message else None,
        )

    def cancel(self, who: str) -> bool:
        """Cancel a queued job at once, ask a running one; False if it had ended."""
        message = f"Cancelled by {who}."
        queued = self._move(
            [JobStatus.QUEUED],
            status=JobStatus.CANCELLED,
            active_source=None,
            finished=timezone.now(),
            successful=False,
            cancel_requested=True,
            failure={"code": 0, "message": message},
        )
        if queued:
            return True
        return self._move(
            [JobStatus.RUNNING],
            cancel_requested=True,
            failure={"code": 0, "message": message},
        )


class HarvestRecord(models.Model):
    """One metadata document as it stands now.

    `record_url`, `location` and `file_name` are of the file in the store, empty
    while the document was never published. `failure` tells why the last harvest
    failed on it: a document published before stays published.
    """

    id = key_field()
    source = models.ForeignKey(
        HarvestSource,
        on_delete=models.CASCADE,
        db_column="harvest_id",
        related_name="records",
    )
    url = models.CharField(max_length=2000, verbose_name="source URL")
    title = models.TextField(blank=True)
    description = models.TextField(blank=True)
    services = models.JSONField(default=list, blank=True)
    validation_errors = models.JSONField(default=list, blank=True)
    validation_warnings = models.JSONField(default=list, blank=True)
    hash_val = models.CharField(max_length=32, null=True, blank=True)
    metadata_date = models.CharField(max_length=40, null=True, blank=True)
    file_id = models.CharField(
        max_length=500, null=True, blank=True, db_index=True, verbose_name="identifier"
    )
    record_url = models.CharField(
        max_length=700, null=True, blank=True, verbose_name="published URL"
    )
    location = models.CharField(max_length=1000, blank=True)
    update_time = models.DateTimeField(default=timezone.now, verbose_name="updated")
    # Ours, beside the registry's
    file_name = models.CharField(max_length=255, blank=True, db_index=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.IntegerField(default=0)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=40, blank=True)
    listed = models.DateTimeField(null=True, blank=True)
    revision = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict, blank=True)
    error_count = models.IntegerField(default=0, verbose_name="errors")
    warning_count = models.IntegerField(default=0, verbose_name="warnings")
    failure = models.JSONField(null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    restored = models.BooleanField(default=False)

    class Meta:
        db_table = "Records"
        verbose_name = "record"
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["source", "url"], name="record_once")
        ]
        indexes = [
            models.Index(fields=["source", "url"], name="record_source_url"),
            models.Index(fields=["source", "-error_count"], name="record_errors"),
            models.Index(fields=["title"], name="record_title"),
        ]

    def __str__(self) -> str:
        return self.title or self.url

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Errors, then warnings, as {rule, severity, line_number, error, xpath}."""
        return [*self.validation_errors, *self.validation_warnings]


class HarvestOutcome(models.Model):
    """What one job did to one record, where that was not `unchanged`."""

    id = key_field()
    job = models.ForeignKey(
        HarvestJob, on_delete=models.CASCADE, related_name="outcomes"
    )
    url = models.CharField(max_length=2000)
    outcome = models.CharField(
        max_length=10, choices=[(r.value, r.value.capitalize()) for r in Result]
    )
    stage = models.CharField(
        max_length=10, blank=True, choices=[(s.value, s.value) for s in Stage]
    )
    message = models.TextField(blank=True)
    title = models.TextField(blank=True)
    file_name = models.CharField(max_length=255, blank=True)

    class Meta:
        db_table = "Outcomes"
        verbose_name = "outcome"
        ordering = ["outcome", "url"]
        indexes = [models.Index(fields=["job", "outcome"], name="outcome_job")]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.url}"


class TrashedRecord(models.Model):
    """A removed record: its row as it was and the name of its file in the trash."""

    id = key_field()
    source = models.ForeignKey(
        HarvestSource, on_delete=models.CASCADE, related_name="trash"
    )
    url = models.CharField(max_length=2000)
    title = models.TextField(blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    row = models.JSONField()
    removed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "Trash"
        verbose_name = "removed record"
        ordering = ["-removed_at"]

    def __str__(self) -> str:
        return self.title or self.url


class PublishedName(models.Model):
    """A file name in the store that a source claimed; `id` is "folder/name"."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=400)
    source = models.ForeignKey(
        HarvestSource, on_delete=models.CASCADE, related_name="names"
    )
    url = models.CharField(max_length=2000)

    class Meta:
        db_table = "Names"

    def __str__(self) -> str:
        return self.id
