"""Identifiers that several records have: CKAN, like others, keeps one of them."""

from collections.abc import Iterable, Mapping, Sequence

from harvests import rows
from harvests.models import HarvestRecord
from harvests.pipeline.rivals import Rival
from harvests.pipeline.validators import rules

RULE = "duplicate-identifier"
FIELDS = (
    *("validation_errors", "validation_warnings"),
    *("error_count", "warning_count", "causes", "trouble"),
)
_Claims = dict[str, list[tuple[str, str]]]  # identifier → (source, url) of each


def rivals(wanted: Mapping[str, str], source: str = "") -> dict[str, Rival]:
    """Return url → another record that has the same identifier (url → identifier).

    The urls are records of `source`, of none that is stored if "".
    """
    claims = _claims(wanted.values())
    found = {
        url: _rival((source, url), claims.get(identifier, ()))
        for url, identifier in wanted.items()
    }
    return {url: rival for url, rival in found.items() if rival}


def mark(chunk: Sequence[tuple[str, str | None, int]]) -> dict[str, str]:
    """Put the finding right where it is due, or may be among the warnings.

    `chunk`: key, identifier and number of warnings of records. Return the causes that
    changed by it, by the keys of the records.
    """
    claims = _claims(identifier for _, identifier, _ in chunk if identifier)
    doubtful = [
        key
        for key, identifier, warnings in chunk
        if warnings or len(claims.get(identifier or "", ())) > 1
    ]
    if not doubtful:
        return {}
    found = HarvestRecord.objects.filter(pk__in=doubtful)
    read = found.only("source_id", "url", "file_id", "failure", *FIELDS)
    changed = [row for row in read if _mark(row, claims)]
    rows.write(changed, FIELDS)
    return {row.pk: row.causes for row in changed}


def _claims(identifiers: Iterable[str]) -> _Claims:
    claims: _Claims = {}
    same = HarvestRecord.objects.filter(file_id__in=set(identifiers))
    for identifier, *place in same.values_list("file_id", "source_id", "url"):
        claims.setdefault(identifier, []).append((place[0], place[1]))
    return claims


def _rival(mine: tuple[str, str], claims: Iterable[tuple[str, str]]) -> Rival | None:
    """Return one of the others; one of the same source, if there is any."""
    others = [
        (source != mine[0], url) for source, url in claims if (source, url) != mine
    ]
    if not others:
        return None
    elsewhere, url = min(others)
    return Rival(url, elsewhere)


def _mark(row: HarvestRecord, claims: _Claims) -> bool:
    """Put the finding about a duplicate identifier right; True if that changed it."""
    before = row.findings
    findings = [f for f in before if f["rule"] != RULE]
    identifier = row.file_id or ""
    if rival := _rival((row.source_id, row.url), claims.get(identifier, ())):
        found = rules.duplicate_identifier(
            identifier, rival.url, elsewhere=rival.elsewhere
        )
        findings.append(rows.finding(found))
    if findings == before:
        return False
    rows.set_findings(row, findings)
    return True
