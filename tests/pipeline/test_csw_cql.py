"""CQL as people write it, and the filter that it becomes."""

import pytest
from lxml import etree

from harvests.pipeline.sources.csw_cql import NotUnderstood, translated

NAMES = 'xmlns:ogc="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"'


def shape(cql: str) -> str:
    """The filter as nested words: And(EqualTo(a 1) Like(b %x%))."""
    return _shape(etree.fromstring(f"<r {NAMES}>{translated(cql)}</r>")[0])


def _shape(element) -> str:
    name = etree.QName(element).localname.removeprefix("PropertyIs")
    if not len(element):
        return element.text
    return f"{name}({' '.join(map(_shape, element))})"


BETWEEN = "And(Between(a LowerBoundary(1) UpperBoundary(2)) EqualTo(b 3))"


@pytest.mark.parametrize(
    ("cql", "wanted"),
    [
        ("a = 1", "EqualTo(a 1)"),
        ("dc:title='x y'", "EqualTo(dc:title x y)"),
        ("a<>-1.5", "NotEqualTo(a -1.5)"),
        ("a != 'it''s'", "NotEqualTo(a it's)"),
        ("a < 1", "LessThan(a 1)"),
        ("a <= 1", "LessThanOrEqualTo(a 1)"),
        ("a > 1", "GreaterThan(a 1)"),
        ("a >= 1", "GreaterThanOrEqualTo(a 1)"),
        ("a LIKE '%<x>%'", "Like(a %<x>%)"),
        ('a ilike "%x%"', "Like(a %x%)"),
        ("a NOT LIKE 'x'", "Not(Like(a x))"),
        (
            "a BETWEEN 1 AND 2 AND b = 3",
            "And(Between(a LowerBoundary(1) UpperBoundary(2)) EqualTo(b 3))",
        ),
        ("a IS NULL", "Null(a)"),
        ("a IS NOT NULL", "Not(Null(a))"),
        ("a IN ('x')", "EqualTo(a x)"),
        ("a NOT IN ('x', 2)", "Not(Or(EqualTo(a x) EqualTo(a 2)))"),
        ("a=1 OR b=2 AND c=3", "Or(EqualTo(a 1) And(EqualTo(b 2) EqualTo(c 3)))"),
        ("(a=1 or b=2) and c=3", "And(Or(EqualTo(a 1) EqualTo(b 2)) EqualTo(c 3))"),
        ("NOT (a=1)", "Not(EqualTo(a 1))"),
        ("BBOX(g, -1, -2, 3, 4.5)", "BBOX(g Envelope(-1 -2 3 4.5))"),
        ('"bbox" = 1', "EqualTo(bbox 1)"),
        (" a = 1 ", "EqualTo(a 1)"),
    ],
)
def test_an_expression_becomes_a_filter(cql, wanted):
    assert shape(cql) == wanted


@pytest.mark.parametrize(
    "cql",
    [
        *("", "a", "a =", "a = b", "= 1", "a = 1 b", "(a = 1", "a = 1)", "a IS 1"),
        *("a IN ()", "a IN ('x'", "a BETWEEN 1 OR 2", "f(a) = 1", "a = 'x", "a ~ 1"),
        *("BBOX(g, 1, 2, 3)", "BBOX(g, 1, 2, 3, x)", "AND", "a = 1 AND", "a NOT 1"),
        "(" * 60 + "a = 1" + ")" * 60,
    ],
)
def test_what_is_no_such_expression_is_not_understood(cql):
    with pytest.raises(NotUnderstood):
        translated(cql)


def test_the_filters_of_version_3_call_properties_otherwise():
    assert "<ogc:ValueReference>a</ogc:ValueReference>" in translated(
        "a = 1", is_new=True
    )
