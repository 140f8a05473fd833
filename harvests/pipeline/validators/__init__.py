"""What we check of a record: one rule set per file, listed in VALIDATORS."""

from collections.abc import Callable, Mapping

from harvests.pipeline.iso import Document
from harvests.pipeline.types import Finding, Profile
from harvests.pipeline.validators import (
    ckan,
    date_stamp,
    extent,
    links,
    rules,
    schema,
)

# Bump it when reading, validating or publishing changes what comes out: records
# that did not change at their source are then read again.
PIPELINE_REVISION = "2"

SCHEMA = "schema"
CKAN = "ckan"
VALIDATORS: Mapping[str, Callable[[Document], tuple[Finding, ...]]] = {
    SCHEMA: schema.validate,
    "rules": rules.validate,
    "date-stamp": date_stamp.validate,
    "extent": extent.validate,
    "links": links.validate,
    CKAN: ckan.validate,
}


EVERYTHING = Profile()


def validate(document: Document, profile: Profile = EVERYTHING) -> tuple[Finding, ...]:
    """What reading found, then what each validator finds that the profile asks for."""
    findings = document.findings
    asked = {SCHEMA: profile.schema, CKAN: profile.ckan}
    for name, check in VALIDATORS.items():
        if asked.get(name, profile.rules):
            findings += check(document)
    return findings


def revision(profile: Profile) -> str:
    """Return what a record is marked with that was read now, under that profile.

    With another mark, it is read again although it did not change at its source.
    """
    flags = (profile.schema, profile.rules, profile.publish_errors, profile.ckan)
    left_out = [mark for mark, is_on in zip("srpc", flags, strict=True) if not is_on]
    return "-".join([PIPELINE_REVISION, *left_out])
