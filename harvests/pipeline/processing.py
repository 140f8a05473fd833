"""One record, from the fetched document to its staged file: read → validate → store."""

import hashlib
import logging
from dataclasses import dataclass, replace

from harvests.pipeline import iso
from harvests.pipeline.errors import DiskError, FetchError, HarvestError
from harvests.pipeline.publishing import publish
from harvests.pipeline.store import Folder
from harvests.pipeline.types import (
    Finding,
    Known,
    Outcome,
    RemoteRecord,
    Response,
    Result,
    Severity,
)
from harvests.pipeline.validators import PIPELINE_REVISION, rules, validate

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """A record on its way. `name` is the file name it was granted."""

    record: RemoteRecord
    name: str
    known: Known | None = None

    @property
    def published(self) -> Known | None:
        """What we know of it, if it was ever stored under that name."""
        return self.known if self.known and self.known.name else None


def process(
    target: Target, answer: Response | FetchError, folder: Folder, *, force: bool
) -> Outcome:
    """Return what became of one record. Guard one: raises nothing but DiskError.

    The file, if there is a new one, is staged; the caller commits it.
    """
    record = target.record
    try:
        if isinstance(answer, FetchError):
            raise answer
        return _process(target, answer, folder, force=force)
    except DiskError:
        raise
    except HarvestError as error:
        return Outcome(Result.FAILED, record.url, target.name, error.stage, str(error))
    except Exception as error:
        logger.exception("Unexpected error on %s", record.url)
        message = f"Unexpected error ({type(error).__name__}) on {record.url}: this "
        message += "is a fault of the harvester; its log has the details."
        return Outcome(Result.FAILED, record.url, target.name, None, message)


def is_as_stored(known: Known, folder: Folder) -> bool:
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


def _process(
    target: Target, response: Response, folder: Folder, *, force: bool
) -> Outcome:
    known = target.published
    digest = hashlib.md5(response.body, usedforsecurity=False).hexdigest()
    same = known is not None and known.hash_val == digest
    current = known is not None and known.revision == PIPELINE_REVISION
    if known and same and current and not force and is_as_stored(known, folder):
        return _same(target, known, response)
    document = iso.read(
        response.body, url=target.record.url, content_type=response.content_type
    )
    findings = [*validate(document)]
    if known and not same:
        stale = rules.date_not_newer(document.metadata, known.date_stamp)
        findings += [stale] if stale else []
    if target.name != target.record.name:
        findings.append(_name_taken(target))
    stored = folder.stage(target.name, publish(document))
    return Outcome(
        result=_result(known, same=same),
        url=target.record.url,
        name=target.name,
        metadata=document.metadata,
        findings=tuple(findings),
        hash_val=digest,
        sha256=stored.sha256,
        size=stored.size,
        mtime=stored.mtime,
        etag=response.etag,
        last_modified=response.last_modified,
        listed=target.record.modified,
        with_errors=any(f.severity is Severity.ERROR for f in findings),
        revision=PIPELINE_REVISION,
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
