"""From a document of the registry to the row of a record."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from harvests import conf, rows
from harvests.models import HarvestRecord, HarvestSource
from harvests.moving.files import Found
from harvests.moving.values import Document, documents, key_of, md5, moment, text
from harvests.pipeline.adoption import ADOPTED
from harvests.pipeline.store import Stored
from harvests.pipeline.types import Severity

RULE: Final = "xsd"
FILE: Final = ("hash_val", "revision", "sha256", "size", "file_mtime")


@dataclass(slots=True)
class Arriving:
    """A record on its way here, and its file: `folder` and `name` in the old WAF."""

    document: Document
    url: str
    folder: str
    name: str
    found: Found | None = None
    stored: Stored | None = None


def row_of(record: Arriving, source: HarvestSource) -> HarvestRecord:
    """Return the row; without an adopted file, one that is fetched anew."""
    document = record.document
    stamp = document.get("metadata_date") or document.get("metadata_data")  # a typo
    zone = timezone.get_default_timezone()  # the predecessor wrote its local time
    row = HarvestRecord(
        id=key_of(document),
        source=source,
        url=record.url,
        title=text(document.get("title"), rows.TITLE),
        description=text(document.get("description"), rows.ABSTRACT),
        services=services_of(document),
        metadata_date=text(stamp, 40) or None,
        file_id=text(document.get("file_id"), 500) or None,
        update_time=moment(document.get("update_time"), zone) or timezone.now(),
        hash_val="",
    )
    rows.set_findings(row, findings_of(document))
    if record.name:
        _place(row, record)
    return row


def services_of(document: Document) -> list[dict[str, str]]:
    """Return the services that are written as such."""
    return [
        {
            "service_type": text(service.get("service_type"), rows.TEXT),
            "service_url": text(service.get("service_url"), rows.TEXT),
        }
        for service in documents(document.get("services"))
    ]


def findings_of(document: Document) -> list[dict[str, Any]]:
    """Return the errors as we keep findings; old documents have mere texts."""
    errors = document.get("validation_errors")
    found = [_finding(error) for error in (errors if isinstance(errors, list) else [])]
    return [finding for finding in found if finding["error"]]


def _finding(error: Any) -> dict[str, Any]:
    given = error if isinstance(error, dict) else {"error": error}
    line = given.get("line_number")
    is_line = isinstance(line, int) and not isinstance(line, bool)
    return {
        "line_number": line if is_line else "?",
        "error": text(given.get("error"), rows.TEXT),
        "rule": RULE,
        "severity": Severity.ERROR.value,
        "xpath": "",
    }


def _place(row: HarvestRecord, record: Arriving) -> None:
    """Fill in where the file is, or will be."""
    store = conf.store()
    folder = row.source.organization_id
    row.file_name = record.name
    row.location = str(store.root / folder / record.name)
    row.record_url = store.url_of(folder, record.name)
    fill_in_file(row, record)


def fill_in_file(row: HarvestRecord, record: Arriving) -> None:
    """Fill in FILE, if there is one: what the next harvest knows it again by."""
    if record.stored:
        row.hash_val = md5(record.document.get("hash_val"))
        row.revision = ADOPTED
        row.sha256 = record.stored.sha256
        row.size = record.stored.size
        row.file_mtime = record.stored.mtime
