"""Records whose removal is held are few: found by an index, not among all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("harvests", "0004_record_words")]

    operations = [
        migrations.AddIndex(
            "harvestrecord",
            models.Index(fields=["missing_since"], name="record_missing"),
        ),
    ]
