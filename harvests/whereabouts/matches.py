"""Finds records and removed records, by indexes: what is the same, else what holds it.

Ten queries at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Q, QuerySet

from harvests import ckan, searching
from harvests.models import (
    CkanComplaint,
    CkanSource,
    HarvestRecord,
    HarvestSource,
    TrashedRecord,
)
from harvests.models.records import LONGEST
from harvests.whereabouts.asked import Question
from harvests.whereabouts.steps import Step, ckan_step, steps_of, steps_of_removed

SHOWN: Final = 20
SHORTEST: Final = 3  # characters that are looked for within texts
HEAVY: Final = (
    *("description", "services", "details"),
    *("validation_errors", "validation_warnings"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A record, or one that was removed, and its way."""

    item: HarvestRecord | TrashedRecord
    steps: list[Step]

    @property
    def is_removed(self) -> bool:
        return isinstance(self.item, TrashedRecord)


class Search:
    """One question to the database. `sources` are all there are, by their keys."""

    def __init__(self, question: Question) -> None:
        self._asked = question

    @cached_property
    def sources(self) -> dict[str, HarvestSource]:
        rows = HarvestSource.objects.select_related("organization")
        return {source.pk: source for source in rows}

    @cached_property
    def matches(self) -> list[Match]:
        """What was found: one more than SHOWN if there are more."""
        found = list(self._records(self._same())) + list(self._removed(self._same()))
        text = self._asked.text
        if not found and len(text) >= SHORTEST and not self._asked.address:
            in_title = Q(title__icontains=text)
            found = [*self._kept(holding(text)), *self._removed(in_title)]
        shown = list(_each_once(found))[: SHOWN + 1]
        for item in shown:
            item.source = self.sources[item.source_id]
        last = _last_steps([i for i in shown if isinstance(i, HarvestRecord)])
        return [_match(item, last) for item in shown]

    def _same(self) -> Q:
        asked = self._asked
        return Q(file_name__in=asked.names) | Q(file_id__in=asked.identifiers)

    def _records(self, condition: Q) -> Iterator[HarvestRecord]:
        rows = HarvestRecord.objects.defer(*HEAVY).order_by()
        if self._asked.urls:
            yield from self._kept(
                rows.filter(source__in=list(self.sources), url__in=self._asked.urls)
            )
        yield from self._kept(rows.filter(condition))

    def _removed(self, condition: Q) -> Iterator[TrashedRecord]:
        if self._asked.urls:
            condition |= Q(url__in=self._asked.urls)
        rows = TrashedRecord.objects.defer("row").filter(condition)
        found = self._kept(rows.order_by())
        yield from sorted(found, key=lambda item: item.removed_at, reverse=True)

    def _kept(self, rows: QuerySet) -> Iterator[Any]:
        """Leave out those of a source that was deleted a moment ago."""
        yield from (row for row in rows[: SHOWN + 1] if row.source_id in self.sources)


def holding(text: str) -> QuerySet[HarvestRecord]:
    """Return records whose title, URL … holds a text."""
    rows = HarvestRecord.objects.defer(*HEAVY).order_by("title")
    return searching.Found([text[:LONGEST]], SHOWN).within(rows)


def _match(item: HarvestRecord | TrashedRecord, last: dict[str, Step]) -> Match:
    if isinstance(item, TrashedRecord):
        return Match(item, steps_of_removed(item))
    return Match(item, [*steps_of(item), *filter(None, [last.get(item.pk)])])


def _last_steps(records: list[HarvestRecord]) -> dict[str, Step]:
    """Return what CKAN says of these records, where one harvests them."""
    names = {record.pk: ckan.name_for(record.source) for record in records}
    asked = [record for record in records if names[record.pk]]
    if not asked:
        return {}
    rows = CkanSource.objects.in_bulk(list({names[record.pk] for record in asked}))
    places = [ckan.place_in_waf(record) for record in asked]
    found = CkanComplaint.objects.filter(place__in=places)
    said = {complaint.place: complaint for complaint in found}
    return {
        record.pk: ckan_step(
            record, rows.get(names[record.pk]), said.get(ckan.place_in_waf(record))
        )
        for record in asked
    }


def _each_once(items: Iterable[Any]) -> Iterator[Any]:
    """A record that is there hides the removed one it had been before."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        place = (item.source_id, item.url)
        if place not in seen:
            seen.add(place)
            yield item
