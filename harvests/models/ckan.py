"""Harvest sources in CKAN that read our folders, and what came of their last job."""

import datetime as dt
from typing import Any, Self

from django.db import models

from harvests.models.fields import key_field

UNFINISHED = ("New", "Running", "Aborting")


class CkanQuerySet(models.QuerySet["CkanSource"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(next_look__lte=now)


class CkanSource(models.Model):
    """A harvest source in CKAN; its key is the name (or id) that CKAN knows it by.

    `wanted` is since when CKAN ought to harvest; `next_look` when we ask CKAN again,
    null while there is nothing to ask. `message` is what stands in the way, a
    sentence. Everything named `job_` is of CKAN's last job, `counts` with CKAN's words.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=200)
    wanted = models.DateTimeField(null=True, blank=True)
    asked_by = models.CharField(max_length=150, blank=True)
    next_look = models.DateTimeField(null=True, blank=True, db_index=True)
    tries = models.IntegerField(default=0)
    message = models.TextField(blank=True)
    seen = models.DateTimeField(null=True, blank=True)
    page = models.CharField(max_length=700, blank=True)
    job_id = models.CharField(max_length=100, blank=True)
    job_status = models.CharField(max_length=30, blank=True)
    job_created = models.DateTimeField(null=True, blank=True)
    job_finished = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    reported = models.CharField(max_length=100, blank=True)  # job of these errors
    gather_errors = models.JSONField(default=list, blank=True)
    complaint_count = models.IntegerField(default=0)

    objects = CkanQuerySet.as_manager()

    class Meta:
        db_table = "CkanSources"

    def __str__(self) -> str:
        return self.id

    @property
    def is_unfinished(self) -> bool:
        return self.job_status in UNFINISHED

    def take(self, now: dt.datetime, until: dt.datetime) -> bool:
        """Keep others from looking until then; False if somebody else was faster."""
        mine = CkanSource.objects.due(now).filter(pk=self.pk)
        taken = bool(mine.update(next_look=until))
        if taken:
            self.refresh_from_db()
        return taken

    def note(self, **fields: Any) -> None:
        """Store these columns, and only these."""
        CkanSource.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)

    def fulfil(self) -> None:
        """Forget the wish that was there when we looked, not a newer one."""
        CkanSource.objects.filter(pk=self.pk, wanted=self.wanted).update(wanted=None)


class CkanComplaint(models.Model):
    """What the reported job said of one document of ours.

    `url` is where CKAN read it; `place` its “folder/name”, as `PublishedName` has it.
    `errors` are {message, line, type}.
    """

    id = key_field()
    ckan_source = models.ForeignKey(
        CkanSource, on_delete=models.CASCADE, related_name="complaints"
    )
    url = models.CharField(max_length=2000, blank=True)
    place = models.CharField(max_length=400, blank=True, db_index=True)
    guid = models.CharField(max_length=500, blank=True)
    errors = models.JSONField(default=list)

    class Meta:
        db_table = "CkanComplaints"
        ordering = ["place"]

    def __str__(self) -> str:
        return self.url or self.guid
