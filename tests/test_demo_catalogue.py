"""A large catalogue, made small."""

import pytest
from django.core.management import CommandError, call_command

from harvests.models import (
    Cause,
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
)
from harvests.models.records import trouble_of

pytestmark = pytest.mark.django_db


def test_it_makes_what_harvests_leave(client, output_dir):
    call_command("demo_catalogue", sources=3, records=70, files=True)
    assert HarvestSource.objects.count() == 3
    records = list(HarvestRecord.objects.all())
    assert len(records) == 70
    assert sum(source.last_record_count for source in HarvestSource.objects.all()) == 70
    assert HarvestJob.objects.count() == 30
    assert HarvestOutcome.objects.count() >= 70
    published = {record.file_name for record in records if record.file_name}
    assert {path.name for path in output_dir.rglob("*.xml")} == published
    counted = sum(cause.records for cause in Cause.objects.filter(rule="xsd"))
    with_xsd = [r for r in records if any(f["rule"] == "xsd" for f in r.findings)]
    assert counted >= len(with_xsd) > 0
    assert any(record.failure for record in records)
    assert all(record.trouble == trouble_of(record) for record in records)
    assert all(record.url in record.words for record in records)


def test_it_keeps_away_from_sources_that_are_there(source_of):
    source_of("https://example.org/")
    with pytest.raises(CommandError, match="There are sources in this database"):
        call_command("demo_catalogue", sources=1, records=1)
    call_command("demo_catalogue", sources=1, records=1, beside=True)
    assert HarvestRecord.objects.count() == 1


def test_it_needs_a_source():
    with pytest.raises(CommandError, match="at least one source"):
        call_command("demo_catalogue", sources=0)
