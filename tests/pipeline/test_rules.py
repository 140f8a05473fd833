import pytest

from harvests.pipeline.types import Metadata
from harvests.pipeline.validators import rules
from tests.pipeline.records import ROOT, buoy, found_in, line_of

TITLE = "Buoy 17, sea surface temperature"
ABSTRACT = "Hourly temperature one metre below the surface, at 10 °C and more."
IDENTIFIER = "org.example.buoy-17"


def found(*changes):
    return found_in(buoy(*changes), rules.validate)


@pytest.mark.parametrize(
    ("text", "rule", "severity", "place"),
    [
        pytest.param(TITLE, "title-missing", "error", "<gmd:title>", id="title"),
        pytest.param(
            ABSTRACT, "abstract-missing", "warning", "<gmd:abstract>", id="abstract"
        ),
        pytest.param(
            IDENTIFIER,
            "identifier-missing",
            "error",
            "<gmd:fileIdentifier>",
            id="identifier",
        ),
    ],
)
def test_an_empty_text_is_found_where_it_should_stand(text, rule, severity, place):
    assert found((text, " ")) == [(rule, severity, line_of(place))]


def test_missing_elements_are_found_at_their_parents():
    identification = line_of("<gmd:MD_DataIdentif")

    assert found(
        ("gmd:title>", "gmd:alternateTitle>"),
        ("gmd:abstract>", "gmd:purpose>"),
        ("gmd:fileIdentifier>", "gmd:parentIdentifier>"),
    ) == [
        ("identifier-missing", "error", ROOT),
        ("title-missing", "error", identification),
        ("abstract-missing", "warning", identification),
    ]


def test_a_record_without_identification_is_found_at_its_root():
    empty = b'<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd"/>'

    assert found_in(empty, rules.validate) == [
        ("identifier-missing", "error", 1),
        ("title-missing", "error", 1),
        ("abstract-missing", "warning", 1),
    ]


def test_a_complete_record_is_fine():
    assert found() == []


@pytest.mark.parametrize(
    ("before", "now", "warned"),
    [
        pytest.param("2024-05-17", "2024-05-17", True, id="same"),
        pytest.param("2024-05-17", "2024-05-16", True, id="older"),
        pytest.param("2024-05-17T00:00:00Z", "2024-05-17", True, id="same-moment"),
        pytest.param("2024-05-17", "2024-05-18", False, id="newer"),
        pytest.param("", "2024-05-18", False, id="new"),
        pytest.param("2024-05-18", "soon", False, id="unreadable"),
    ],
)
def test_a_change_with_an_old_date_is_warned_of(before, now, warned):
    finding = rules.date_not_newer(Metadata(date_stamp=now), before)

    assert bool(finding) == warned
    if finding:
        assert finding.rule == "date-not-newer"
        assert finding.xpath == "/gmd:MD_Metadata/gmd:dateStamp"
        assert "CKAN ignores such a change" in finding.message


def test_the_path_of_an_old_date_begins_at_the_record_s_root():
    metadata = Metadata(root="MI_Metadata", date_stamp="2024")

    finding = rules.date_not_newer(metadata, "2024")

    assert finding
    assert finding.xpath == "/gmi:MI_Metadata/gmd:dateStamp"


def test_a_shared_identifier_names_the_other_record():
    finding = rules.duplicate_identifier("x-1", "https://ocean.example/other.xml")

    assert (finding.rule, finding.severity) == ("duplicate-identifier", "warning")
    assert '"x-1" is also that of https://ocean.example/other.xml' in finding.message
