"""Records as they stand, as they were when they went, and their file names."""

from typing import Any, Final

from django.db import models
from django.urls import reverse
from django.utils import timezone

from harvests.models.fields import key_field
from harvests.models.sources import HarvestSource


class WordsField(models.TextField):
    """What is searched of a row: its `SEARCHED` fields in lower case, a line each.

    One text beside the title in one index: a search reads the index, not the rows.
    `bulk_update` does not fill it in: there, `words_of` does.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        words = words_of(model_instance)
        setattr(model_instance, self.attname, words)
        return words


SEARCHED: Final = ("title", "file_id", "url", "file_name")
LONGEST: Final = 500  # characters of each that are searched


def words_of(row: models.Model) -> str:
    """Return what a search looks through, for the column `words`."""
    texts = [getattr(row, name) or "" for name in SEARCHED]
    return "\n".join([text[:LONGEST].lower() for text in texts])


class TroubleField(models.IntegerField):
    """How bad a record is: the number of its errors; FAILED, if a harvest failed on it.

    Lists sort by it, and what is above 0 has problems. `update` and `bulk_update` do
    not fill it in: there, `trouble_of` does.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        trouble = trouble_of(model_instance)
        setattr(model_instance, self.attname, trouble)
        return trouble


FAILED: Final = 1_000_000_000  # worse than any number of errors


def trouble_of(row: Any) -> int:
    """Return how bad a record is, for the column `trouble`."""
    return FAILED if row.failure else int(row.error_count)


class HarvestRecord(models.Model):
    """One metadata document as it stands now.

    `record_url`, `location` and `file_name` are of the file in the store, empty
    while the document was never published. `failure` tells why the last harvest
    failed on it: a document published before stays published. `restored`: a person
    brought it back from the trash, or decided that it stays though its source does
    not list it: no harvest removes it then.
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
    file_mtime = models.BigIntegerField(default=0)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=40, blank=True)
    listed = models.DateTimeField(null=True, blank=True)
    revision = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict, blank=True)
    error_count = models.IntegerField(default=0, verbose_name="errors")
    warning_count = models.IntegerField(default=0, verbose_name="warnings")
    causes = models.TextField(blank=True)  # see harvests.problems
    words = WordsField(blank=True, editable=False)
    failure = models.JSONField(null=True, blank=True)
    trouble = TroubleField(default=0, editable=False)
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
            models.Index(
                fields=["source", "-trouble", "title"], name="record_source_worst"
            ),
            models.Index(
                fields=["-trouble", "title", "error_count"], name="record_worst"
            ),
            models.Index(fields=["title", "words"], name="record_words"),
            models.Index(fields=["source", "causes"], name="record_causes"),
            models.Index(fields=["missing_since"], name="record_missing"),
        ]

    def __str__(self) -> str:
        return self.title or self.url

    def get_absolute_url(self) -> str:
        """Return the path of its page: what mails, feeds and the API link to."""
        return reverse("admin:harvests_harvestrecord_change", args=[self.pk])

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Errors, then warnings, as {rule, severity, line_number, error, xpath}."""
        return [*self.validation_errors, *self.validation_warnings]


class TrashedRecord(models.Model):
    """A removed record: its row as it was and the name of its file in the trash."""

    id = key_field()
    source = models.ForeignKey(
        HarvestSource, on_delete=models.CASCADE, related_name="trash"
    )
    url = models.CharField(max_length=2000)
    title = models.TextField(blank=True)
    file_id = models.CharField(max_length=500, blank=True, db_index=True)
    file_name = models.CharField(max_length=255, blank=True, db_index=True)
    row = models.JSONField()
    removed_at = models.DateTimeField(default=timezone.now, db_index=True)
    moved = models.BooleanField(default=False, editable=False)

    class Meta:
        db_table = "Trash"
        verbose_name = "removed record"
        ordering = ["-removed_at"]
        indexes = [
            models.Index(fields=["url"], name="trash_url"),
            models.Index(fields=["title"], name="trash_title"),
        ]

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
