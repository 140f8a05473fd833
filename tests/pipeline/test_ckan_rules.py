"""What CKAN refuses or overlooks though ISO 19139 allows it."""

import pytest

from harvests.pipeline import iso
from harvests.pipeline.types import Profile
from harvests.pipeline.validators import ckan, validate
from tests.folders import record
from tests.pipeline.records import buoy, found_in

NO_CKAN = Profile(ckan=False)


def found(*changes):
    return found_in(buoy(*changes), ckan.validate)


@pytest.mark.parametrize(
    ("declaration", "prefix"),
    [
        pytest.param("xmlns", "", id="default"),
        pytest.param("xmlns:iso", "iso:", id="iso"),
        pytest.param("xmlns:gmi", "gmi:", id="gmi-for-md"),
    ],
)
def test_an_unusual_prefix_is_a_warning(declaration, prefix):
    changes = [
        ("xmlns:gmd", declaration),
        ("<gmd:", f"<{prefix}"),
        ("</gmd:", f"</{prefix}"),
    ]

    assert [rule for rule, _, _ in found(*changes)] == ["ckan-prefix"]


def test_the_usual_prefixes_are_fine():
    assert found() == []


@pytest.mark.parametrize(
    ("date", "is_read"),
    [
        ("2025-01-01Z", False),
        ("2025-01-01+02:00", False),
        ("2025-01Z", False),
        ("2025-01-01-05:00", True),
        ("2025-01-01T00:00:00Z", True),
        ("2025-01-01T00:00:00+02:00", True),
        ("2025-01-01", True),
        ("2025", True),
        ("soon", True),  # another rule's business
    ],
)
def test_a_zone_without_a_time_is_told(date, is_read):
    findings = ckan.validate(iso.read(record("a", date=date)))
    assert [finding.rule for finding in findings] == ["ckan-date"] * (not is_read)


@pytest.mark.parametrize(
    ("name", "is_seen"),
    [
        ("a.xml", True),
        ("a_.xml", True),
        ("index.xml", True),
        ("q?#.xml", True),  # percent-encoded in a listing, where CKAN minds them
        ("_a.xml", False),
        ("a.XML", False),
        ("a", False),
    ],
)
def test_names_that_ckan_overlooks_are_told(name, is_seen):
    assert (ckan.overlooked(name) is None) is is_seen


def test_a_source_may_do_without():
    document = iso.read(record("a", date="2025-01-01Z"))
    assert [f.rule for f in validate(document)] == ["ckan-date"]
    assert validate(document, NO_CKAN) == ()
