"""Runs over sources, and what they did to records."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone

from harvests.models.fields import key_field
from harvests.models.sources import HarvestSource
from harvests.pipeline.types import Result, Stage


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)
COUNTERS = ("added", "changed", "unchanged", "removed", "held", "failed")


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
            # with the key, for pages that go on where the last one ended
            models.Index(fields=["source", "-date", "-id"], name="job_source_date_id"),
            models.Index(fields=["-date", "-id"], name="job_date_id"),
            models.Index(fields=["finished"], name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.date:%Y-%m-%d %H:%M} UTC"

    def get_absolute_url(self) -> str:
        """Return the path of its page: what mails, feeds and the API link to."""
        return reverse("admin:harvests_harvestjob_change", args=[self.pk])

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

    @property
    def line(self) -> dict[str, Any]:
        """What its source keeps of it: how it ended, when, and what it did."""
        counts = {name: getattr(self, name) for name in COUNTERS}
        return {
            "status": str(self.status),
            "finished": self.finished.isoformat() if self.finished else "",
            **{name: number for name, number in counts.items() if number},
        }

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
        self.status = state["status"] if state else JobStatus.FAILED
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
        indexes = [models.Index(fields=["job", "outcome", "id"], name="outcome_job_id")]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.url}"
