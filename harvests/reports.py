"""How a preview shows on a terminal, and as JSON."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import Truncator

from harvests.pipeline.comparing import Change, Changes
from harvests.pipeline.detection import Detection
from harvests.pipeline.names import is_alternative
from harvests.pipeline.preview import Preview
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.specimens import Specimen

SHOWN = 5  # records named of each change
TITLE = 60  # characters
TOLD = {
    Change.ADDED: "would be added",
    Change.FAILED: "failed when last asked for, and would be asked for again",
    Change.CHANGED: "would be changed",
    Change.UNCHANGED: "are as they were",
    Change.DATED: "have another date in the listing, and may have changed",
    Change.UNCHECKED: "are known and were not compared",
    Change.REMOVED: "would be removed",
    Change.HELD: "are no longer listed, and would be held",
}
# The changes whose records are named
NAMED = (
    *(Change.ADDED, Change.FAILED, Change.CHANGED, Change.DATED),
    *(Change.REMOVED, Change.HELD),
)


def lines(preview: Preview) -> Iterator[str]:
    """Yield the report, line by line."""
    yield f"{SOURCES[preview.kind].label}: {preview.url}"
    if preview.detection:
        yield from _detected(preview.detection)
    yield found(preview)
    if preview.problem:
        yield f"  {preview.problem}"
    if preview.sample:
        yield f"Sample of {len(preview.sample)}, in {preview.seconds:.1f} s:"
    for specimen in preview.sample:
        yield from _specimen(specimen)
    if preview.changes:
        yield from _changes(preview.changes, preview)


def tried(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield which addresses were asked, and what came of each."""
    if pairs:
        yield "Tried:"
    yield from (f"  {url}: {came}" for url, came in pairs)


def _detected(found: Detection) -> Iterator[str]:
    yield f"  because {found.reason}"
    made = [found.server and f"server {found.server}"]
    if found.software and found.software.casefold() not in found.server.casefold():
        made.append(f"software {found.software}")
    if any(made):
        yield f"  {', '.join(word for word in made if word)}"
    yield from tried(found.tried)


def found(preview: Preview) -> str:
    """Return how many records there are, in words."""
    least = "at least " if preview.found and not preview.is_all else ""
    words = [f"Found {least}{_count(preview.found, 'record')}"]
    if preview.dropped:
        words.append(f"{preview.dropped:,} more left out by the source's patterns")
    if preview.troubled:
        words.append(f"{preview.troubled:,} of them cannot be had")
    return ", ".join(words)


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _specimen(specimen: Specimen) -> Iterator[str]:
    title = Truncator(specimen.title or specimen.url).chars(TITLE)
    counts = [(specimen.errors, "error"), (specimen.warnings, "warning")]
    words = ", ".join(_count(count, what) for count, what in counts if count)
    yield f"  {specimen.result:<11} {title}{f' ({words})' if words else ''}"
    is_taken = is_alternative(specimen.name, specimen.wished)
    taken = f" ({specimen.wished} is taken)" if is_taken else ""
    yield f"      {specimen.url} → {specimen.name}{taken}"
    if specimen.identifier:
        yield f"      identifier {specimen.identifier}"
    yield from (f"      {message}" for message in specimen.messages)


def _changes(changes: Changes, preview: Preview) -> Iterator[str]:
    least = "" if preview.is_all else " (of what was listed until then)"
    yield f"A harvest now{least}:"
    for change, words in TOLD.items():
        if change in changes.counts:
            yield f"  {changes.counts[change]:,} {words}"
        if change in NAMED:
            yield from _examples(changes, change)
    if sentence := removals(changes, preview):
        yield f"  {sentence}"


def _examples(changes: Changes, change: Change) -> Iterator[str]:
    for url, name in changes.examples.get(change, ())[:SHOWN]:
        yield f"      {url} → {name}"


def removals(changes: Changes, preview: Preview) -> str:
    """Return how many may be removed, or why that cannot be told; "" if none would."""
    if preview.is_cut:
        return "What would be removed is unknown: the listing was not read to its end."
    if not changes.is_removing:
        return "Nothing would be removed, because the listing could not be read whole."
    if not {Change.REMOVED, Change.HELD} & changes.counts.keys():
        return ""
    limit = f"{changes.limit:,} of the {changes.known:,} published records may go"
    return f"At most {limit} in one harvest."


def as_dict(preview: Preview) -> dict[str, Any]:
    """Return the object that `preview --json` prints."""
    changes, found = preview.changes, preview.detection
    names = ("kind", "url", "found", "is_all", "is_cut", "problem", "dropped")
    return {
        **{name: getattr(preview, name) for name in names},
        "troubled": preview.troubled,
        "seconds": preview.seconds,
        "detection": found and _plain_detection(found),
        "sample": [_plain_specimen(specimen) for specimen in preview.sample],
        "changes": changes and _plain_changes(changes),
    }


def plain_tried(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"url": url, "came": came} for url, came in pairs]


def _plain_detection(found: Detection) -> dict[str, Any]:
    names = ("reason", "server", "software")
    plain = {name: getattr(found, name) for name in names}
    return {**plain, "tried": plain_tried(found.tried)}


def _plain_specimen(specimen: Specimen) -> dict[str, Any]:
    names = ("url", "name", "wished", "result", "title", "identifier")
    plain = {name: getattr(specimen, name) for name in names}
    counts = {"errors": specimen.errors, "warnings": specimen.warnings}
    return {**plain, **counts, "messages": list(specimen.messages)}


def _plain_changes(changes: Changes) -> dict[str, Any]:
    return {
        "published": changes.known,
        "removal_limit": changes.limit,
        "is_removing": changes.is_removing,
        "counts": {change.name.lower(): n for change, n in changes.counts.items()},
        "examples": {
            change.name.lower(): [{"url": url, "name": name} for url, name in pairs]
            for change, pairs in changes.examples.items()
        },
    }
