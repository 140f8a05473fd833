"""Which findings are one problem: those of one rule whose messages say the same.

What changes from record to record (values, numbers, addresses) becomes “…”; names of
elements stay. Where that changes, a problem gets another key: bump
PIPELINE_REVISION, so that all records have the new ones.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

KEY: Final = 16  # hexadecimal digits

# What a document says is in double quotes, and may hold some itself. libxml2 uses
# single ones, for names of elements too.
_QUOTED: Final = re.compile(r""" ".*" | '[^']*' """, re.DOTALL | re.VERBOSE)
_NAME: Final = re.compile(r"'\w+:[\w.-]+'")
_BRACKETED: Final = re.compile(r"(?<=\()[-+\d][^()\s]*(?=\))")
_CHANGING: Final = {
    "bbox-out-of-range": re.compile(r"(?<= )[-+]?\d\S*(?= is not on the globe)"),
    "bbox-swapped": _BRACKETED,
    "date-not-newer": _BRACKETED,
    "date-stamp-future": re.compile(r"(?<=gmd:dateStamp )\S+"),
    "declaration-misplaced": re.compile(r"(?<=offset )\d+|(?<=line )\d+"),
    "duplicate-identifier": re.compile(r'".*"|(?<=that of )\S+(?=;| in )'),
    "encoding-invalid": re.compile(r"0x\w\w|(?<=offset )\d+|(?<=line )\d+"),
    "name-taken": re.compile(
        r"(?<=a file named ).*(?=; this one)|(?<=published as ).*(?=\. If)", re.DOTALL
    ),
    "xsd-more": re.compile(r"\d+"),
}


def common(rule: str, message: str) -> str:
    """Return what a message has in common with those about other records."""
    return _CHANGING.get(rule, _QUOTED).sub(_without_value, message)


def _without_value(found: re.Match[str]) -> str:
    return found[0] if _NAME.fullmatch(found[0]) else "…"


@functools.lru_cache(maxsize=10_000)
def key_of(rule: str, message: str) -> str:
    """Return the key of a problem: the same wherever and whenever it is found."""
    text = f"{rule}\n{common(rule, message)}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:KEY]


def key_of_finding(finding: dict[str, Any]) -> str:
    """Return the key of the problem that a finding, as records keep it, is of."""
    return key_of(finding.get("rule", ""), finding.get("error", ""))


def note(findings: Iterable[dict[str, Any]]) -> str:
    """Return the problems of a record for its row: “ key:2 key:1”."""
    counts = Counter(key_of_finding(finding) for finding in findings)
    return "".join(f" {key}:{number}" for key, number in counts.items())


def noted(text: str | None) -> Iterator[tuple[str, int]]:
    """Yield each problem of a record, and how often it has it."""
    for item in (text or "").split():
        key, _colon, number = item.partition(":")
        yield key, int(number)


def is_key(text: str) -> bool:
    """Tell whether a text has the form of a problem's key."""
    return re.fullmatch(rf"[0-9a-f]{{{KEY}}}", text) is not None


def mark(key: str) -> str:
    """Return what a row's text of problems contains if it has this one."""
    return f" {key}:"
