"""The sample of a preview: which records it takes, and what is told of each."""

import hashlib
import heapq
from dataclasses import dataclass
from typing import Final

from harvests.pipeline.types import Finding, Outcome, RemoteRecord, Severity

MESSAGES: Final = 3


@dataclass(frozen=True, slots=True)
class Specimen:
    """One record of the sample; `outcome` is None if it did not come in time.

    `name` is the file name it would get, `wished` the one it asks for.
    """

    url: str
    name: str
    wished: str
    outcome: Outcome | None = None

    @property
    def title(self) -> str:
        metadata = self.outcome and self.outcome.metadata
        return metadata.title if metadata else ""

    @property
    def identifier(self) -> str:
        metadata = self.outcome and self.outcome.metadata
        return metadata.identifier if metadata else ""

    @property
    def result(self) -> str:
        return self.outcome.result.value if self.outcome else "not in time"

    @property
    def errors(self) -> int:
        return self._count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self._count(Severity.WARNING)

    @property
    def messages(self) -> tuple[str, ...]:
        """Why it would not be published, then the first findings.

        What the document does not show comes before what it does.
        """
        if self.outcome is None:
            return ()
        said = [self.outcome.message] if self.outcome.message else []
        findings = sorted(self.outcome.findings, key=_is_shown)
        return (*said, *map(_told, findings[:MESSAGES]))

    def _count(self, severity: Severity) -> int:
        findings = self.outcome.findings if self.outcome else ()
        return sum(finding.severity is severity for finding in findings)


class Picks:
    """Keeps some records of many: the same ones in whatever order they come."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, str, RemoteRecord]] = []

    def offer(self, record: RemoteRecord) -> None:
        digest = hashlib.blake2b(record.url.encode(errors="replace"), digest_size=8)
        item = (-int.from_bytes(digest.digest()), record.url, record)
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, item)
        elif item[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, item)

    def chosen(self) -> list[RemoteRecord]:
        return sorted((item[2] for item in self._heap), key=lambda r: r.url)


def _is_shown(finding: Finding) -> bool:
    """Whether a finding is of one place in the document, or a path in it."""
    return finding.line is not None or bool(finding.xpath)


def _told(finding: Finding) -> str:
    line = f" (line {finding.line})" if finding.line else ""
    return f"{finding.severity}: {finding.message}{line}"
