from concurrent.futures import ThreadPoolExecutor

import pytest

from harvests.pipeline import iso
from harvests.pipeline.publishing import publish
from harvests.pipeline.validators import PIPELINE_REVISION, VALIDATORS, validate
from tests.pipeline.records import BUOY, WAVES, buoy


@pytest.mark.parametrize("body", [BUOY, WAVES], ids=["MD", "MI"])
def test_a_tidy_record_has_no_findings(body):
    assert validate(iso.read(body)) == ()


def test_findings_of_reading_come_first_and_those_of_all_validators_follow():
    body = buoy(
        (">oceans<", ">sea<"),
        ("org.example.buoy-17", ""),
        ("2024-05-17", "soon"),
        (">-70.5<", ">west<"),
        ("https://ocean.example/buoy17.csv", "x"),
        ("UTF-8", "UTF-16"),
    )

    assert [finding.rule for finding in validate(iso.read(body))] == [
        "encoding-mismatch",
        "xsd",
        "xsd",
        "xsd",
        "identifier-missing",
        "date-stamp-unreadable",
        "bbox-not-numeric",
        "link-malformed",
    ]


def test_the_rule_sets_are_named_and_the_revision_is_known():
    names = ["schema", "rules", "date-stamp", "extent", "links", "ckan"]
    assert list(VALIDATORS) == names
    assert PIPELINE_REVISION


def test_two_threads_give_what_one_gives():
    bodies = [BUOY, WAVES, buoy((">-70.25<", ">-70.5<"), (">oceans<", ">sea<"))] * 100

    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(processed, bodies))

    assert together == [processed(body) for body in bodies]


def processed(body: bytes) -> tuple[object, ...]:
    document = iso.read(body)
    return document.metadata, validate(document), publish(document)
