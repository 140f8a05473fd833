"""What is wrong at a source: one problem, however many records have it."""

from django.db import models
from django.utils import timezone

from harvests.models.records import HarvestRecord
from harvests.models.sources import HarvestSource
from harvests.problems import mark


class CauseQuerySet(models.QuerySet["Cause"]):
    def open(self) -> "CauseQuerySet":
        """Causes that some record has now."""
        return self.filter(gone=None)


class Cause(models.Model):
    """A problem of the records of one source, counted at the end of each harvest.

    `id` is "source-problem": it can be linked to for good, for the row stays when
    the last record is mended (`gone` tells since when). `problem` is the same in all
    sources (see `harvests.problems`). `examples` are keys of the first records.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=100)
    source = models.ForeignKey(
        HarvestSource, on_delete=models.CASCADE, related_name="causes"
    )
    problem = models.CharField(max_length=16, db_index=True)
    rule = models.CharField(max_length=60, db_index=True)
    severity = models.CharField(max_length=10)
    message = models.TextField()
    records = models.IntegerField(default=0)
    findings = models.IntegerField(default=0)
    examples = models.JSONField(default=list)
    since = models.DateTimeField(default=timezone.now, verbose_name="first found")
    gone = models.DateTimeField(null=True, blank=True)

    objects = CauseQuerySet.as_manager()

    class Meta:
        db_table = "Causes"
        verbose_name = "finding"
        ordering = ["severity", "-records"]
        indexes = [
            models.Index(fields=["severity", "-records"], name="cause_worst"),
        ]

    def __str__(self) -> str:
        return self.message

    def all_records(self) -> models.QuerySet[HarvestRecord]:
        """Return the records that have it, by an index."""
        return HarvestRecord.objects.filter(
            source=self.source_id, causes__contains=mark(self.problem)
        )


def cause_id(source: str, problem: str) -> str:
    return f"{source}-{problem}"
