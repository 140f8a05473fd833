"""Our own sample records, and how tests vary and check them."""

from collections.abc import Callable
from pathlib import Path

from harvests.pipeline import iso
from harvests.pipeline.iso import Document
from harvests.pipeline.types import Finding

DATA = Path(__file__).parents[1] / "data" / "records"
BUOY = (DATA / "buoy.xml").read_bytes()
WAVES = (DATA / "waves.xml").read_bytes()
# The line of the root: where its start tag ends, as libxml2 counts.
ROOT = BUOY[: BUOY.index(b"  <gmd:fileIdentifier")].count(b"\n")
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def buoy(*changes: tuple[str, str]) -> bytes:
    """The buoy record with every change made; each must find its place."""
    return changed(BUOY, *changes)


def waves(*changes: tuple[str, str]) -> bytes:
    """The waves record, likewise."""
    return changed(WAVES, *changes)


def changed(body: bytes, *changes: tuple[str, str]) -> bytes:
    for old, new in changes:
        assert old.encode() in body, old
        body = body.replace(old.encode(), new.encode())
    return body


def found_in(
    body: bytes, check: Callable[[Document], tuple[Finding, ...]]
) -> list[tuple[str, str, int | None]]:
    """Rule, severity and line of what the check finds."""
    findings = check(iso.read(body))
    return [(finding.rule, finding.severity, finding.line) for finding in findings]


def line_of(text: str, body: bytes = BUOY) -> int:
    """The line on which a text stands first."""
    return body[: body.index(text.encode())].count(b"\n") + 1


def files(*patterns: str) -> list[Path]:
    """Corpus files; none where the corpus is not installed."""
    return sorted(path for pattern in patterns for path in CORPUS.glob(pattern))
