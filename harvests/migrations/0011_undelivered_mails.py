"""Which mail about an account did not get through."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("harvests", "0010_hardening")]

    operations = [
        migrations.AddField(
            "delivery", "mail", models.CharField(blank=True, max_length=20)
        ),
    ]
