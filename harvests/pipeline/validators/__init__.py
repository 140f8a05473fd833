"""What we check of a record: one rule set per file, listed in VALIDATORS."""

from collections.abc import Callable, Mapping

from harvests.pipeline.iso import Document
from harvests.pipeline.types import Finding
from harvests.pipeline.validators import date_stamp, extent, links, rules, schema

# Bump it when reading, validating or publishing changes what comes out: records
# that did not change at their source are then read again.
PIPELINE_REVISION = "1"

VALIDATORS: Mapping[str, Callable[[Document], tuple[Finding, ...]]] = {
    "schema": schema.validate,
    "rules": rules.validate,
    "date-stamp": date_stamp.validate,
    "extent": extent.validate,
    "links": links.validate,
}


def validate(document: Document) -> tuple[Finding, ...]:
    """What reading found, then what each validator finds."""
    findings = document.findings
    for check in VALIDATORS.values():
        findings += check(document)
    return findings
