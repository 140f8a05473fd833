import codecs

import pytest

from harvests.pipeline.reading.decoding import decode
from tests.pipeline.records import BUOY, buoy, line_of

DECLARED = ' encoding="UTF-8"'
PLAIN = buoy((DECLARED, ""))
DEGREE = BUOY.index("°".encode())


def declaring(name: str) -> str:
    return buoy((DECLARED, f' encoding="{name}"')).decode()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BUOY, id="utf-8"),
        pytest.param(PLAIN, id="undeclared"),
        pytest.param(codecs.BOM_UTF8 + BUOY, id="utf-8-mark"),
        pytest.param(declaring("UTF-16").encode("utf-16"), id="utf-16"),
        pytest.param(declaring("utf-16").encode("utf-16-be"), id="utf-16-be-unmarked"),
        pytest.param(
            declaring("UTF-16LE").encode("utf-16-le"), id="utf-16-le-unmarked"
        ),
        pytest.param(declaring("UTF-32").encode("utf-32"), id="utf-32"),
        pytest.param(declaring("UTF-32").encode("utf-32-be"), id="utf-32-be-unmarked"),
        pytest.param(declaring("UTF-32").encode("utf-32-le"), id="utf-32-le-unmarked"),
        pytest.param(PLAIN.decode().encode("utf-16"), id="utf-16-undeclared"),
        pytest.param(declaring("ISO-8859-1").encode("latin-1"), id="latin-1"),
        pytest.param(declaring("windows-1252").encode("cp1252"), id="windows-1252"),
        pytest.param(declaring("iso-8859-15").encode("iso-8859-15"), id="latin-9"),
        pytest.param(declaring("Shift_JIS").encode("shift_jis"), id="shift-jis"),
    ],
)
def test_every_encoding_becomes_undeclared_utf_8(body):
    decoded = decode(body)

    assert decoded.text == PLAIN
    assert decoded.findings == ()


def test_ascii_under_an_ascii_declaration_is_fine():
    body = BUOY.replace("°".encode(), b"deg").replace(b"UTF-8", b"US-ASCII")

    assert decode(body).findings == ()


def test_a_declared_encoding_goes_but_its_line_ends_stay():
    decoded = decode(b"<?xml version='1.0'\n\r\n encoding = 'UTF-8' ?>\n<a/>")

    assert decoded.text == b"<?xml version='1.0'\n\r\n ?>\n<a/>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(BUOY.replace("°".encode(), b"\xb0"), PLAIN, id="latin-1"),
        pytest.param(
            BUOY.replace("°".encode(), b"\xb0\x80 \xc2\xb0"),
            PLAIN.replace("°".encode(), "°€ °".encode()),
            id="both-in-one",
        ),
        pytest.param(PLAIN.replace("°".encode(), b"\xb0"), PLAIN, id="undeclared"),
    ],
)
def test_latin_1_in_utf_8_is_read_as_windows_1252(body, text):
    decoded = decode(body)

    (finding,) = decoded.findings
    assert decoded.text == text
    assert (finding.rule, finding.severity) == ("encoding-invalid", "error")
    assert finding.line == line_of("°")
    offset = body.index(b"\xb0")
    assert f"byte 0xB0 at byte offset {offset} (line {finding.line})" in finding.message
    assert "read as Windows-1252" in finding.message


def test_the_offset_of_a_wrong_byte_counts_the_mark():
    decoded = decode(codecs.BOM_UTF8 + BUOY.replace("°".encode(), b"\xb0"))

    assert f"byte offset {DEGREE + 3} " in decoded.findings[0].message


def test_a_half_character_of_utf_16_is_reported():
    body = declaring("UTF-16").encode("utf-16-le") + b"\n"

    (finding,) = decode(body).findings

    assert finding.rule == "encoding-invalid"
    assert f"byte 0x0A at byte offset {len(body) - 1} " in finding.message


@pytest.mark.parametrize(
    ("body", "declared", "actual"),
    [
        pytest.param(declaring("UTF-16").encode(), "UTF-16", "UTF-8", id="not-wide"),
        pytest.param(declaring("cp037").encode(), "cp037", "UTF-8", id="not-ebcdic"),
        pytest.param(declaring("ASCII").encode(), "ASCII", "UTF-8", id="not-ascii"),
        pytest.param(
            declaring("ISO-8859-1").encode(), "ISO-8859-1", "UTF-8", id="not-latin-1"
        ),
        pytest.param(BUOY.decode().encode("utf-16"), "UTF-8", "UTF-16-LE", id="mark"),
        pytest.param(
            codecs.BOM_UTF8 + declaring("iso-8859-1").encode(),
            "iso-8859-1",
            "UTF-8",
            id="utf-8-mark",
        ),
        pytest.param(
            declaring("x-nothing").encode("utf-16"),
            "x-nothing",
            "UTF-16-LE",
            id="unknown-name-and-mark",
        ),
    ],
)
def test_a_wrong_declaration_is_a_warning(body, declared, actual):
    decoded = decode(body)

    (finding,) = decoded.findings
    assert decoded.text == PLAIN
    assert (finding.rule, finding.severity) == ("encoding-mismatch", "warning")
    assert f"says {declared}, but the bytes are {actual};" in finding.message


def test_controls_of_latin_1_are_read_as_windows_1252():
    body = declaring("ISO-8859-1").replace("17,", "17 \x93new\x94,").encode("latin-1")

    decoded = decode(body)

    assert "17 “new”," in decoded.text.decode()
    assert "the bytes are Windows-1252" in decoded.findings[0].message


@pytest.mark.parametrize("name", ["klingon", "idna", "unicode_escape", "rot13", "a\0b"])
def test_an_unknown_encoding_is_read_as_utf_8(name):
    decoded = decode(declaring(name).encode())

    (finding,) = decoded.findings
    assert decoded.text == PLAIN
    assert (finding.rule, finding.severity) == ("encoding-unknown", "warning")
    assert f'"{name}"' in finding.message


@pytest.mark.parametrize(
    ("body", "content_type", "findings"),
    [
        pytest.param(BUOY, "text/xml; charset=ISO-8859-1", 0, id="declaration-wins"),
        pytest.param(PLAIN, "text/xml; charset=ISO-8859-1", 0, id="utf-8-wins"),
        pytest.param(
            PLAIN.decode().encode("latin-1"),
            'text/xml; charset="iso-8859-1"',
            0,
            id="used",
        ),
        pytest.param(
            PLAIN.decode().encode("latin-1"), "text/xml; charset=x", 1, id="unknown"
        ),
    ],
)
def test_the_content_type_counts_only_where_nothing_else_tells(
    body, content_type, findings
):
    decoded = decode(body, content_type=content_type)

    assert decoded.text == PLAIN
    assert len(decoded.findings) == findings


@pytest.mark.parametrize(
    ("before", "line"),
    [
        pytest.param(b"\r\n\n  ", 3, id="blank-lines"),
        pytest.param(b" " + codecs.BOM_UTF8, 1, id="mark-after-blank"),
        pytest.param(codecs.BOM_UTF8 * 2, 1, id="two-marks"),
    ],
)
def test_what_stands_before_the_declaration_is_moved_behind_it(before, line):
    decoded = decode(before + BUOY)

    (finding,) = decoded.findings
    head, _, tail = PLAIN.partition(b"?>")
    moved = before.replace(codecs.BOM_UTF8, b"")
    assert decoded.text == head + b"?>" + moved + tail
    assert (finding.rule, finding.severity) == ("declaration-misplaced", "error")
    assert f"byte offset {len(before)} (line {line})" in finding.message


def test_blanks_before_a_record_without_declaration_are_legal():
    assert decode(b"\n <a/>").text == b"\n <a/>"
    assert decode(b"\n <a/>").findings == ()


def test_a_mark_after_blanks_is_dropped():
    decoded = decode(b"\n\xef\xbb\xbf<a/>")

    assert decoded.text == b"\n<a/>"
    assert decoded.findings[0].rule == "declaration-misplaced"
