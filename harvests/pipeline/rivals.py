"""Tells of identifiers that another record has too, before anything is published.

The document alone cannot show it: whoever calls lends what is known of all sources.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from harvests.pipeline.types import Outcome, Result
from harvests.pipeline.validators import rules


@dataclass(frozen=True, slots=True)
class Rival:
    """Another record with the same identifier; `elsewhere`: of another source."""

    url: str
    elsewhere: bool = False


# url → identifier of some records of one source; return url → who has it too
Rivals = Callable[[Mapping[str, str]], Mapping[str, Rival]]


def none_known(_wanted: Mapping[str, str]) -> Mapping[str, Rival]:
    """Nothing is known of other records."""
    return {}


def told(outcomes: Iterable[Outcome], rivals: Rivals) -> list[Outcome]:
    """Return the outcomes, with a finding where another record is called the same."""
    outcomes = list(outcomes)
    wanted = {o.url: _identifier(o) for o in outcomes if _identifier(o)}
    if not wanted:
        return outcomes
    found = {**_among(wanted), **rivals(wanted)}
    return [_with(outcome, found.get(outcome.url)) for outcome in outcomes]


def _identifier(outcome: Outcome) -> str:
    """Return what a record is published under, "" if it is not or has none."""
    if outcome.metadata is None or outcome.result is Result.FAILED:
        return ""
    return outcome.metadata.identifier


def _among(wanted: Mapping[str, str]) -> dict[str, Rival]:
    """Those that are rivals of each other."""
    groups: dict[str, list[str]] = {}
    for url, identifier in wanted.items():
        groups.setdefault(identifier, []).append(url)
    return {
        url: Rival(min(other for other in urls if other != url))
        for urls in groups.values()
        for url in urls
        if len(urls) > 1
    }


def _with(outcome: Outcome, rival: Rival | None) -> Outcome:
    if rival is None:
        return outcome
    finding = rules.duplicate_identifier(
        _identifier(outcome), rival.url, elsewhere=rival.elsewhere
    )
    return replace(outcome, findings=(*outcome.findings, finding))
