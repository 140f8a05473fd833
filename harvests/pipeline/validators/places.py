"""Findings that know where they are."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

from lxml.etree import _Element

from harvests.pipeline.reading.namespaces import path_of
from harvests.pipeline.types import Finding, Severity

MOST_FINDINGS = 200

_MORE = Finding(
    "more-findings",
    Severity.WARNING,
    f"The record has more findings than these {MOST_FINDINGS}. Correct them first.",
)


def line_of(element: _Element) -> int | None:
    """The line of the element's start tag."""
    return cast("int | None", element.sourceline)


def first_of(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """The first findings; if there are many more, the last one says so."""
    first = tuple(islice(findings, MOST_FINDINGS))
    return first if next(findings, None) is None else (*first, _MORE)


def error_at(element: _Element, rule: str, message: str) -> Finding:
    """An error about this element."""
    return _finding(element, rule, Severity.ERROR, message)


def warning_at(element: _Element, rule: str, message: str) -> Finding:
    """A warning about this element."""
    return _finding(element, rule, Severity.WARNING, message)


def _finding(element: _Element, rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule, severity, message, line_of(element), path_of(element))
