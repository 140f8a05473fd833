"""Translates a filter from CQL, which people write, to XML, which all services take.

It knows comparisons, LIKE, BETWEEN, IN, IS NULL and BBOX, joined by AND, OR and NOT.
"""

import re
from collections.abc import Callable
from typing import Final
from xml.sax.saxutils import escape

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[-+]?\d+(?:\.\d+)?(?![\w:.-]))"""
    r"""|(?P<sign><=|>=|<>|!=|[=<>(),])|(?P<word>"[^"]+"|[^\W\d][\w.:/-]*))""",
)
_COMPARISONS: Final = {
    "=": "EqualTo",
    "<>": "NotEqualTo",
    "!=": "NotEqualTo",
    "<": "LessThan",
    ">": "GreaterThan",
    "<=": "LessThanOrEqualTo",
    ">=": "GreaterThanOrEqualTo",
}
_DEEPEST: Final = 40


class NotUnderstood(ValueError):
    """The expression is beyond this translation."""


def property_name(name: str, *, is_new: bool) -> str:
    element = "ValueReference" if is_new else "PropertyName"
    return f"<ogc:{element}>{escape(name)}</ogc:{element}>"


def bbox(name: str, west: object, south: object, east: object, north: object) -> str:
    """Return a box as XML; `name` is the property's element."""
    return (
        f"<ogc:BBOX>{name}<gml:Envelope>"
        f"<gml:lowerCorner>{west} {south}</gml:lowerCorner>"
        f"<gml:upperCorner>{east} {north}</gml:upperCorner>"
        "</gml:Envelope></ogc:BBOX>"
    )


def translated(cql: str, *, is_new: bool = False) -> str:
    """Return the inside of an ogc:Filter; raise NotUnderstood."""
    reader = _Reader(_tokens(cql), is_new=is_new)
    said = reader.either()
    reader.end()
    return said


def _tokens(cql: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place, end = 0, len(cql.rstrip())
    while place < end:
        found = _TOKEN.match(cql, place)
        if not found:
            raise NotUnderstood(cql[place:])
        tokens.append((found.lastgroup or "", found[0].strip()))
        place = found.end()
    return tokens


class _Reader:
    """Reads tokens from left to right; each method returns XML."""

    def __init__(self, tokens: list[tuple[str, str]], *, is_new: bool) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._is_new = is_new
        self._place = self._depth = 0

    def either(self) -> str:
        return self._joined("OR", "Or", lambda: self._joined("AND", "And", self._one))

    def end(self) -> None:
        if self._tokens[self._place][0] != "end":
            raise NotUnderstood(self._tokens[self._place][1])

    def _joined(self, word: str, element: str, part: Callable[[], str]) -> str:
        parts = [part()]
        while self._met(word):
            parts.append(part())
        inner = "".join(parts)
        return inner if len(parts) == 1 else f"<ogc:{element}>{inner}</ogc:{element}>"

    def _one(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood("too deep")
        try:
            if self._met("NOT"):
                return _element("Not", self._one())
            if self._met("("):
                inner = self.either()
                self._need(")")
                return inner
            return self._predicate()
        finally:
            self._depth -= 1

    def _predicate(self) -> str:
        word = self._take("word").strip('"')
        if word.upper() == "BBOX" and self._met("("):
            return self._box()
        name = property_name(word, is_new=self._is_new)
        if self._tokens[self._place][1] in _COMPARISONS:
            kind = _COMPARISONS[self._take("sign")]
            return _element(f"PropertyIs{kind}", name + self._literal())
        if self._met("IS"):
            is_not = self._met("NOT")
            self._need("NULL")
            return _turned(_element("PropertyIsNull", name), is_not)
        is_turned = self._met("NOT")
        return _turned(self._worded(name), is_turned)

    def _worded(self, name: str) -> str:
        if self._met("LIKE") or self._met("ILIKE"):
            signs = 'wildCard="%" singleChar="_" escapeChar="\\"'
            return _element("PropertyIsLike", name + self._literal(), f" {signs}")
        if self._met("BETWEEN"):
            low = self._literal()
            self._need("AND")
            bounds = f"<ogc:LowerBoundary>{low}</ogc:LowerBoundary>"
            bounds += f"<ogc:UpperBoundary>{self._literal()}</ogc:UpperBoundary>"
            return _element("PropertyIsBetween", name + bounds)
        self._need("IN")
        self._need("(")
        items = [_element("PropertyIsEqualTo", name + self._literal())]
        while self._met(","):
            items.append(_element("PropertyIsEqualTo", name + self._literal()))
        self._need(")")
        return items[0] if len(items) == 1 else _element("Or", "".join(items))

    def _box(self) -> str:
        name = property_name(self._take("word"), is_new=self._is_new)
        numbers = []
        for _ in range(4):
            self._need(",")
            numbers.append(self._take("number"))
        self._need(")")
        return bbox(name, *numbers)

    def _literal(self) -> str:
        kind, text = self._tokens[self._place]
        if kind == "text":
            text = text[1:-1].replace("''", "'")
        elif kind == "word" and text.startswith('"'):  # as pycsw's users write it
            text = text[1:-1]
        elif kind != "number":
            raise NotUnderstood(text)
        self._place += 1
        return f"<ogc:Literal>{escape(text)}</ogc:Literal>"

    def _take(self, kind: str) -> str:
        found, text = self._tokens[self._place]
        if found != kind:
            raise NotUnderstood(text)
        self._place += 1
        return text

    def _met(self, word: str) -> bool:
        kind, text = self._tokens[self._place]
        is_it = kind in ("word", "sign") and text.upper() == word
        self._place += is_it
        return is_it

    def _need(self, word: str) -> None:
        if not self._met(word):
            raise NotUnderstood(self._tokens[self._place][1])


def _element(name: str, inner: str, attributes: str = "") -> str:
    return f"<ogc:{name}{attributes}>{inner}</ogc:{name}>"


def _turned(inner: str, is_turned: bool) -> str:
    return _element("Not", inner) if is_turned else inner
