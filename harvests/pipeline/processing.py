"""One record, from the fetched document to its staged file: read → validate → store."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from harvests.pipeline import adoption, iso
from harvests.pipeline.errors import (
    DiskError,
    FetchError,
    GatherError,
    HarvestError,
    sentence,
)
from harvests.pipeline.names import is_alternative
from harvests.pipeline.publishing import publish, says_the_same
from harvests.pipeline.store import Folder, Store, Stored
from harvests.pipeline.types import (
    Finding,
    Known,
    Outcome,
    Parcel,
    Plan,
    Profile,
    RemoteRecord,
    Response,
    Result,
    Severity,
    Stage,
)
from harvests.pipeline.validators import ckan, revision, rules, validate

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target(Parcel):
    """A record on its way. `name` is the file name it was granted."""

    record: RemoteRecord
    name: str
    known: Known | None = None

    @property
    def published(self) -> Known | None:
        """What we know of it, if it was ever stored under that name."""
        return self.known if self.known and self.known.name else None


class Shelf(Protocol):
    """What is published, to be looked at: a `Folder`, or none as yet."""

    def mtime(self, name: str) -> int:
        """Return when a file was written (ns), -1 if there is none."""

    def read(self, name: str) -> bytes | None:
        """Return what a file holds, None if there is none."""


Answer = Response | FetchError | GatherError


def answer_of(record: RemoteRecord) -> Response | GatherError | None:
    """Return what came with the record: its document, or why there is none."""
    if record.problem:
        return GatherError(record.problem, url=record.url)
    if record.body is None:
        return None
    return Response(record.url, 200, record.body, "application/xml")


def process(target: Target, answer: Answer, folder: Folder, plan: Plan) -> Outcome:
    """Return what became of one record. Guard one: raises nothing but DiskError.

    The file, if there is a new one, is staged; the caller commits it.
    """

    def keep(response: Response) -> Outcome:
        return _examine(target, response, folder, plan, folder.stage)

    return _guarded(target, answer, keep)


def foresee(target: Target, answer: Answer, shelf: Shelf, plan: Plan) -> Outcome:
    """Return what `process` would make of a record; nothing is written."""

    def look(response: Response) -> Outcome:
        Store.check_name(target.name)
        return _examine(target, response, shelf, plan, _not_staged)

    return _guarded(target, answer, look)


def _guarded(
    target: Target, answer: Answer, work: Callable[[Response], Outcome]
) -> Outcome:
    record = target.record
    try:
        if not isinstance(answer, Response):
            raise answer
        return work(answer)
    except DiskError:
        raise
    except HarvestError as error:
        message = sentence(str(error))
        return Outcome(Result.FAILED, record.url, target.name, error.stage, message)
    except Exception as error:
        logger.exception("Unexpected error on %s", record.url)
        message = f"Unexpected error ({type(error).__name__}) on {record.url}: this "
        message += "is a fault of the harvester; its log has the details."
        return Outcome(Result.FAILED, record.url, target.name, None, message)


def is_as_stored(known: Known, folder: Shelf) -> bool:
    """Whether the file is the one we know of, not what a killed run left there."""
    return folder.mtime(known.name) == known.mtime


def unchanged(target: Target) -> Outcome:
    """The outcome of a record that the server says is as it was."""
    known = target.known
    return Outcome(
        Result.UNCHANGED,
        target.record.url,
        target.name,
        with_errors=bool(known and known.has_errors),
    )


def _not_staged(_name: str, _data: bytes) -> Stored:
    return Stored("", 0, 0, written=False)


def _examine(
    target: Target,
    response: Response,
    folder: Shelf,
    plan: Plan,
    stage: Callable[[str, bytes], Stored],
) -> Outcome:
    """Read and validate; have staged what is to be published, if anything."""
    known = target.published
    mark = revision(plan.profile)
    digest = hashlib.md5(response.body, usedforsecurity=False).hexdigest()
    same = known is not None and known.hash_val == digest
    current = known is not None and known.revision == mark
    if known and same and current and not plan.force and is_as_stored(known, folder):
        return _same(target, known, response)
    document = iso.read(
        response.body, url=target.record.url, content_type=response.content_type
    )
    data, same = _settled(target, document, folder, same=same)
    findings = tuple(_findings(target, document, plan.profile, same=same))
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors and not plan.profile.publish_errors:
        return _unpublished(target, document, findings, errors)
    stored = stage(target.name, data)
    return Outcome(
        result=_result(known, same=same),
        url=target.record.url,
        name=target.name,
        metadata=document.metadata,
        findings=findings,
        with_errors=errors > 0,
        hash_val=digest,
        sha256=stored.sha256,
        size=stored.size,
        mtime=stored.mtime,
        etag=response.etag,
        last_modified=response.last_modified,
        listed=target.record.modified,
        revision=mark,
    )


def _findings(
    target: Target, document: iso.Document, profile: Profile, *, same: bool
) -> Iterator[Finding]:
    """Yield what the document shows, and what its history and its file name do."""
    yield from validate(document, profile)
    known = target.published
    if known and not same:
        stale = rules.date_not_newer(document.metadata, known.date_stamp)
        yield from [stale] if stale else []
    if is_alternative(target.name, target.record.name):
        yield _name_taken(target)
    if profile.ckan and (overlooked := ckan.overlooked(target.name)):
        yield overlooked


def _settled(
    target: Target, document: iso.Document, folder: Shelf, *, same: bool
) -> tuple[bytes, bool]:
    """Return what is to be stored, and whether the source has not changed it."""
    known, data = target.published, publish(document)
    if known is None:
        return data, same
    if known.revision == adoption.ADOPTED and is_as_stored(known, folder):
        held, digest = folder.read(target.name), known.hash_val if same else ""
        if held and adoption.is_still(document, held, digest=digest):
            return held, True
    elif not same and target.record.body is not None:
        # A catalogue service may write the same record in another way each time
        held = folder.read(target.name)
        if held and says_the_same(data, held):
            return held, True
    return data, same


def _unpublished(
    target: Target, document: iso.Document, findings: tuple[Finding, ...], errors: int
) -> Outcome:
    """What was published of the record before, if anything, stays as it is."""
    message = (
        f"Not published: it has {errors} error{'s' * (errors > 1)}, and its source "
        "publishes records without errors only. Correct the record."
    )
    return Outcome(
        Result.FAILED,
        target.record.url,
        target.name,
        Stage.VALIDATE,
        message,
        document.metadata,
        findings,
        with_errors=True,
    )


def _same(target: Target, known: Known, response: Response) -> Outcome:
    """Unchanged; tells the validators to send next time where they are new."""
    outcome = unchanged(target)
    if (known.etag, known.last_modified) == (response.etag, response.last_modified):
        return outcome
    return replace(outcome, etag=response.etag, last_modified=response.last_modified)


def _result(known: Known | None, *, same: bool) -> Result:
    if known is None:
        return Result.ADDED
    return Result.UNCHANGED if same else Result.CHANGED


def _name_taken(target: Target) -> Finding:
    return Finding(
        "name-taken",
        Severity.WARNING,
        f"Another source of this organization publishes a file named "
        f"{target.record.name}; this one is published as {target.name}. If both are "
        "the same record, take it out of one of the two sources.",
    )
