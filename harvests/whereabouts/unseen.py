"""Of an address that no harvest brought: which sources it could be of, and why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from harvests.models import HarvestJob, HarvestOutcome, HarvestSource
from harvests.whereabouts.asked import Question
from harvests.whereabouts.patterns import excluded_by

CANDIDATES: Final = 5
JOBS: Final = 50  # the newest of all candidates together
READ: Final = 20_000  # outcomes of a job that are looked through at most
COUNTED: Final = ("added", "changed", "removed", "held", "failed")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source above the address, or (not `is_above`) on the same server."""

    source: HarvestSource
    is_above: bool
    reasons: list[str]
    outcome: HarvestOutcome | None


def candidates_of(
    question: Question, sources: Iterable[HarvestSource]
) -> list[Candidate]:
    """Return the sources whose URL is a prefix of the address, the nearest first."""
    above = [s for s in sources if _is_above(s, question.address)]
    above.sort(key=lambda source: -len(source.url))
    if above:
        said = _outcomes(above[:CANDIDATES], question)
        return [
            Candidate(s, True, list(_reasons(s, question.address)), said.get(s.pk))
            for s in above[:CANDIDATES]
        ]
    host = urlsplit(question.address).hostname
    near = [source for source in sources if urlsplit(source.url).hostname == host]
    return [Candidate(source, False, [], None) for source in near[:CANDIDATES]]


def _is_above(source: HarvestSource, address: str) -> bool:
    base = _base(source)
    return bool(base) and _schemeless(address).startswith(base)


def _base(source: HarvestSource) -> str:
    """Return the source's URL up to its folder; of a catalogue service, all of it."""
    url = _schemeless(source.url)
    return url if source.harvest_type == "CSW" else url[: url.rfind("/") + 1]


def _schemeless(url: str) -> str:
    """Host and path, for http and https alike."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path}" if parts.path else f"{parts.netloc}/"


def _reasons(source: HarvestSource, address: str) -> Iterator[str]:
    if pattern := excluded_by(source, address):
        yield pattern
    depth = _schemeless(address)[len(_base(source)) :].count("/")
    if source.harvest_type == "WAF" and depth > source.max_depth:
        yield (
            f"It lies {depth} folders below the source, which is read "
            f"{source.max_depth} deep."
        )
    if source.last_harvest_dt is None:
        yield "The source was never harvested."
    elif source.last_harvest_status == "fail":
        yield f"The last harvest of the source failed: {source.last_message}"
    else:
        yield "The last harvest of the source did not find this address."


def _outcomes(
    sources: list[HarvestSource], question: Question
) -> dict[str, HarvestOutcome]:
    """Return what the last job of each source did to the address, if anything."""
    jobs = HarvestJob.objects.filter(source__in=[source.pk for source in sources])
    newest = jobs.order_by("-date").only("date", "source_id", *COUNTED)[:JOBS]
    last: dict[str, HarvestJob] = {}
    for job in newest:
        last.setdefault(job.source_id, job)
    keys = {job.pk: job for job in last.values() if _size(job) <= READ}
    found = HarvestOutcome.objects.filter(job__in=list(keys), url__in=question.urls)
    said = {}
    for outcome in found.order_by() if keys else ():
        outcome.job = keys[outcome.job_id]
        said[outcome.job.source_id] = outcome
    return said


def _size(job: HarvestJob) -> int:
    return sum(int(getattr(job, name)) for name in COUNTED)
