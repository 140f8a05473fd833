"""Turns libxml2's schema errors into findings: path, line, plain words, no repeats."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from lxml.etree import _Element

from harvests.pipeline.reading.namespaces import PREFIXES, path_of, split
from harvests.pipeline.types import Finding, Severity
from harvests.pipeline.validators.places import MOST_FINDINGS, line_of
from harvests.pipeline.validators.schema_wording import plain_message

# libxml2 keeps the line of a node in 16 bits; lxml knows how to see further.
_LAST_LINE = 65535
# It writes names of the default namespace as "*" and cuts names after 99 bytes.
_PATH = re.compile(r"(?:/\w{1,9}:[\w.-]{1,80}(?:\[\d+\])?)+", re.ASCII)
_PREFIX = re.compile(r"/(\w+):")


class LogEntry(Protocol):
    """What we read of an entry of lxml's error log."""

    @property
    def message(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def path(self) -> str | None: ...


def findings_of(errors: Iterable[LogEntry], root: _Element) -> tuple[Finding, ...]:
    """The findings of one record; the last one says how many were left out."""
    merged = list(_merge(errors))
    findings = [_finding(error, root) for error in merged[:MOST_FINDINGS]]
    more = len(merged) - MOST_FINDINGS
    if more > 0:
        message = f"The record has {more} more schema errors. Correct these first."
        findings.append(Finding("xsd-more", Severity.ERROR, message))
    return tuple(findings)


def _merge(errors: Iterable[LogEntry]) -> Iterator[LogEntry]:
    """Without the second half of the pairs about one value: first facet, then type."""
    previous = None
    for error in errors:
        repeats = (
            previous is not None
            and previous.path == error.path
            and "[facet '" in previous.message
            and "is not a valid value of" in error.message
        )
        if not repeats:
            yield error
        previous = error


def _finding(error: LogEntry, root: _Element) -> Finding:
    message, path = plain_message(error.message), error.path or ""
    if error.line < _LAST_LINE and _is_usual(path, root):
        return Finding("xsd", Severity.ERROR, message, error.line, path)
    element = _element_at(path, root)
    line = error.line if error.line < _LAST_LINE else line_of(element)
    return Finding("xsd", Severity.ERROR, message, line, path_of(element))


def _is_usual(path: str, root: _Element) -> bool:
    """Whether libxml2's path has the usual prefixes, and none of its oddities."""
    prefixes = set(_PREFIX.findall(path)) if _PATH.fullmatch(path) else {""}
    spaces = root.nsmap
    return all(PREFIXES.get(spaces.get(prefix, "")) == prefix for prefix in prefixes)


def _element_at(path: str, root: _Element) -> _Element:
    """Follow a path as libxml2 writes it: `/gmd:MD_Metadata/gmd:contact[2]/*[3]`.

    Ends at the parent of a name that libxml2 cut short, as it does with long ones.
    """
    element = root
    for step in path.split("/")[2:]:
        name, _, index = step.rstrip("]").partition("[")
        same = (child for child in element if name in ("*", _written(child)))
        child = next(islice(same, int(index or 1) - 1, None), None)
        if child is None:
            break
        element = child
    return element


def _written(element: _Element) -> str:
    local = split(str(element.tag))[1]
    return f"{element.prefix}:{local}" if element.prefix else local
