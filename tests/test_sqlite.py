"""What only SQLite does: MongoDB's backend stores no value that is to be computed."""

import pytest
from django.db.models import F, Value
from django.db.models.functions import Upper

from harvests.models import HarvestRecord


@pytest.mark.django_db
def test_a_value_that_the_database_computes_is_computed(good):
    computed = Upper(Value("buoys"))
    HarvestRecord.objects.bulk_create(
        HarvestRecord(source=good, url=url, description=computed) for url in "ab"
    )
    assert set(good.records.values_list("description", flat=True)) == {"BUOYS"}
    with pytest.raises(ValueError, match="expression"):
        HarvestRecord.objects.bulk_create(
            HarvestRecord(source=good, url=url, description=F("url")) for url in "cd"
        )
