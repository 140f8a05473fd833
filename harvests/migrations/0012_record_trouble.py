"""How bad a record is, in one column: lists open with what failed, then by errors."""

from django.db import migrations, models

import harvests.models.records


def fill(apps, schema_editor):
    """Give the records that are there their number, all at once."""
    records = apps.get_model("harvests", "HarvestRecord").objects
    failed = records.filter(failure__isnull=False)
    failed.update(trouble=harvests.models.records.FAILED)
    read = records.filter(failure__isnull=True, error_count__gt=0)
    read.update(trouble=models.F("error_count"))


class Migration(migrations.Migration):
    dependencies = [("harvests", "0011_undelivered_mails")]

    operations = [
        migrations.AddField(
            "harvestrecord",
            "trouble",
            harvests.models.records.TroubleField(default=0, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex("harvestrecord", "record_errors"),
        migrations.RemoveIndex("harvestrecord", "record_worst"),
        migrations.AddIndex(
            "harvestrecord",
            models.Index(
                fields=["source", "-trouble", "title"], name="record_source_worst"
            ),
        ),
        migrations.AddIndex(
            "harvestrecord",
            models.Index(
                fields=["-trouble", "title", "error_count"], name="record_worst"
            ),
        ),
    ]
