"""Records with more schema errors than a tree can be asked for in time."""

import pytest

from harvests.pipeline import iso
from harvests.pipeline.validators import schema
from harvests.pipeline.validators.schema_stream import LARGE, MANY
from tests.folders import record

START = b"<gmd:contact><gmd:CI_ResponsibleParty>"
END = b"</gmd:CI_ResponsibleParty></gmd:contact>\n"
WRONG = START + b"<gmd:nonsense/>" + END


def large(errors: int, *, filling: int = LARGE) -> iso.Document:
    """A record of that many errors, one a line, the first on line 7."""
    comment = b"<!--" + b"x" * filling + b"-->\n"
    body = record("a").replace(START[:13], WRONG * errors + START[:13], 1)
    return iso.read(body + comment)


def test_a_large_record_without_errors_is_valid():
    assert schema.validate(large(0)) == ()


def test_few_errors_of_a_large_record_have_paths():
    (finding,) = schema.validate(large(1))
    assert finding.xpath == (
        "/gmd:MD_Metadata/gmd:contact[1]/gmd:CI_ResponsibleParty/gmd:nonsense"
    )


def test_many_errors_of_a_large_record_have_lines_and_are_counted():
    *first, more = schema.validate(large(MANY + 500))
    assert [finding.line for finding in first] == list(range(7, 207))
    assert first[0].message.startswith("gmd:nonsense is not allowed here; expected")
    assert more.message == (
        f"The record has {MANY + 300:,} more schema errors, and is too large to tell "
        "where they are. Correct these first."
    )


@pytest.mark.parametrize("filling", [0, LARGE], ids=["tree", "stream"])
def test_both_ways_find_the_same_in_the_same_lines(filling):
    *first, more = schema.validate(large(MANY + 1, filling=filling))
    found = [(finding.line, finding.message) for finding in first]
    assert len(found) == 200
    assert found[0][0] == 7
    assert found[199][0] == 206
    assert more.rule == "xsd-more"


def test_a_record_in_one_line_has_all_its_errors_there():
    document = large(MANY + 1)
    body = document.text.replace(b"\n", b" ")
    *first, _more = schema.validate(iso.read(body))
    assert {finding.line for finding in first} == {1}


def test_errors_that_the_old_gml_hides_are_found_too():
    body = large(MANY + 1).text.replace(
        b"xmlns:gco=",
        b'xmlns:gml="http://www.opengis.net/gml" xmlns:gco=',
        1,
    )
    point = b'<gml:Point gml:id="p"/>'
    document = iso.read(body.replace(b"<gmd:nonsense/>", point, 1))
    rules = [finding.rule for finding in schema.validate(document)]
    assert rules[0] == "gml-legacy"
    assert rules[-1] == "xsd-more"
