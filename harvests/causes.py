"""Counts which problems the records of a source have, for the list of findings."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from harvests.models import Cause, HarvestRecord, HarvestSource, cause_id
from harvests.problems import common, key_of_finding, noted

MOST: Final = 1000  # causes of one source; the rarest are left out
EXAMPLES: Final = 50  # records whose keys a cause keeps
CHUNK: Final = 100  # records with all their findings in memory
BULK_UPDATE: Final = 50  # rows; MongoDB's CASE expressions grow with the square of it
COUNTED: Final = ("records", "findings", "examples", "gone")


class Census:
    """The problems of one source; `count` each of its records, then `store`."""

    def __init__(self, source: HarvestSource) -> None:
        self._source = source
        self._records: Counter[str] = Counter()
        self._findings: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def count(self, record: str, problems: str | None) -> None:
        """Count a record by its key and its column `causes`."""
        for problem, number in noted(problems):
            self._records[problem] += 1
            self._findings[problem] += number
            examples = self._examples.setdefault(problem, [])
            if len(examples) < EXAMPLES:
                examples.append(record)

    def store(self) -> None:
        """Write what differs from what is stored: most often, nothing."""
        wanted = [problem for problem, _count in self._records.most_common(MOST)]
        known = {row.problem: row for row in self._source.causes.all()}
        new = [problem for problem in wanted if problem not in known]
        Cause.objects.bulk_create(self._made(new), batch_size=MOST)
        changed = [row for row in known.values() if self._put_right(row)]
        Cause.objects.bulk_update(changed, COUNTED, batch_size=BULK_UPDATE)
        self._forget_old()

    def _made(self, problems: list[str]) -> Iterator[Cause]:
        open_ = set(problems)
        firsts = list(dict.fromkeys(self._examples[p][0] for p in problems))
        for start in range(0, len(firsts), CHUNK):
            rows = HarvestRecord.objects.filter(pk__in=firsts[start : start + CHUNK])
            for row in rows.only("validation_errors", "validation_warnings"):
                for finding in row.findings:
                    problem = key_of_finding(finding)
                    if problem in open_:
                        open_.discard(problem)
                        yield self._cause(problem, finding)

    def _cause(self, problem: str, finding: dict[str, Any]) -> Cause:
        cause = Cause(
            id=cause_id(self._source.pk, problem),
            source=self._source,
            problem=problem,
            rule=finding["rule"],
            severity=finding["severity"],
            message=common(finding["rule"], finding["error"]),
        )
        self._put_right(cause)
        return cause

    def _put_right(self, cause: Cause) -> bool:
        """Give the cause its counts; True if they were others."""
        before = [getattr(cause, name) for name in COUNTED]
        cause.records = self._records[cause.problem]
        cause.findings = self._findings[cause.problem]
        cause.examples = self._examples.get(cause.problem, [])
        cause.gone = None if cause.records else cause.gone or timezone.now()
        return before != [getattr(cause, name) for name in COUNTED]

    def _forget_old(self) -> None:
        before = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)
        self._source.causes.filter(gone__lt=before).delete()


def count_restored(record: HarvestRecord) -> None:
    """Count a record that came back from the trash, until the next harvest does."""
    for problem, number in noted(record.causes):
        Cause.objects.filter(pk=cause_id(record.source_id, problem)).update(
            records=F("records") + 1, findings=F("findings") + number, gone=None
        )
