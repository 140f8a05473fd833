"""The lines that are shown are those that findings count."""

import pytest

from harvests import xmlview
from harvests.pipeline import iso
from harvests.pipeline.publishing import publish
from harvests.pipeline.validators import validate
from harvests.xmlview import Place
from tests.pipeline.records import BUOY


@pytest.fixture
def bad() -> bytes:
    """The buoy record with an error in the middle."""
    return BUOY.replace(b"<gmd:contact>", b"<gmd:contakt/>\n<gmd:contact>", 1)


def served(path, body: bytes) -> tuple[Place, ...]:
    """Publish the record as a harvest does; where its first schema error lies."""
    document = iso.read(body)
    path.write_bytes(publish(document))
    found = next(f for f in validate(document) if f.rule == "xsd")
    return (Place(found.line or 0, xmlview.name_in(found.xpath)),)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body,
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: b"\n \n" + body,
        lambda body: body.replace(b' encoding="UTF-8"', b'\n encoding="UTF-8"\n'),
        lambda body: body.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16"),
        lambda body: body.replace(b"UTF-8", b"ISO-8859-1") + b"<!-- \xe9 -->\n",
        lambda body: body.replace(
            b"<gmd:contakt", "<!-- \u2028\x85 -->".encode() + b"<gmd:contakt"
        ),
    ],
    ids=[
        "plain",
        "bom",
        "crlf",
        "blank",
        "declaration",
        "utf16",
        "latin1",
        "separators",
    ],
)
def test_publishing_keeps_the_lines_that_findings_name(tmp_path, bad, change):
    path = tmp_path / "a.xml"
    (place,) = served(path, change(bad))
    lines = xmlview.excerpts(path, [place])[place]
    meant = [line for line in lines if line.is_meant]
    assert ["contakt" in line.text for line in meant] == [True]
    assert meant[0].number == place.line
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("xpath", "name"),
    [
        ("/gmd:MD_Metadata/gmd:contact[2]", "contact"),
        ("/gmd:MD_Metadata/*[local-name()='thing']", "thing"),
        ("/gmd:MD_Metadata/*[local-name()='thing'][3]", "thing"),
        ("/*", ""),
        ("", ""),
    ],
    ids=str,
)
def test_the_name_at_the_end_of_a_path(xpath, name):
    assert xmlview.name_in(xpath) == name


def test_an_excerpt_keeps_indents_apart_and_cuts_long_lines(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(f"  <a>\n    <b/>\n  {'x' * 400}\n  </a>")
    place = Place(2, "b")
    first, meant, long, last = xmlview.excerpts(path, [place])[place]
    assert (first.text, meant.text, last.text) == ("<a>", "  <b/>", "</a>")
    assert len(long.text) == xmlview.EXCERPT - 1
    assert long.text.endswith("…")


@pytest.mark.parametrize(
    ("body", "count"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\r\nb\rc", 2)], ids=repr
)
def test_lines_are_counted_as_they_are_shown(tmp_path, body, count):
    path = tmp_path / "a.xml"
    path.write_bytes(body)
    assert xmlview.count_lines(path) == count
    assert len(list(xmlview.lines_of(path, 1))) == count
