"""What is searched of a record in one column, in the index of titles; worst first."""

from django.db import migrations, models

import harvests.models.records

PORTION = 500


def fill(apps, schema_editor):
    """Give the records that are there their words."""
    records = apps.get_model("harvests", "HarvestRecord").objects
    last = ""
    while True:
        portion = records.filter(pk__gt=last).order_by("pk")
        rows = list(portion.only(*harvests.models.records.SEARCHED)[:PORTION])
        if not rows:
            return
        for row in rows:  # one by one: bulk_update takes twelve times the CPU
            words = harvests.models.records.words_of(row)
            records.filter(pk=row.pk).update(words=words)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("harvests", "0007_notifications")]

    operations = [
        migrations.AddField(
            "harvestrecord",
            "words",
            harvests.models.records.WordsField(blank=True, default="", editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex("harvestrecord", "record_title"),
        migrations.AddIndex(
            "harvestrecord",
            models.Index(fields=["-error_count", "-id"], name="record_worst"),
        ),
        migrations.AddIndex(
            "harvestrecord",
            models.Index(fields=["title", "words"], name="record_words"),
        ),
    ]
