"""How a harvest source in CKAN is doing, for pages and commands."""

from collections.abc import Mapping
from typing import Final

from harvests.models import CkanSource

# What CKAN does with records that have a finding; tried on CKAN 2.11
EFFECTS: Final = {
    "duplicate-identifier": "refuses all but one",
    "date-stamp-missing": "refuses",
    "date-stamp-unreadable": "refuses",
    "ckan-date": "refuses",
    "ckan-prefix": "refuses",
    "xsd": "refuses, if set to validate",
    "bbox-not-numeric": "refuses, if set to validate",
    "date-not-newer": "ignores the change",
    "date-stamp-future": "ignores changes until then",
    "ckan-name": "overlooks",
}


def told(row: CkanSource) -> str:
    """Return a sentence about the last job, without times."""
    if row.is_unfinished:
        waiting = row.counts.get("waiting", 0)
        left = f", {waiting:,} documents to go" if waiting else ""
        again = " It harvests once more after that, for newer changes."
        return f"CKAN is harvesting{left}.{again if row.wanted else ''}"
    if row.wanted:
        return "CKAN is to harvest what changed."
    if not row.job_id:
        return "CKAN has not been asked yet: it is after the next change."
    return f"CKAN's last job: {counted(row.counts)}."


def counted(counts: Mapping[str, int]) -> str:
    """Return “3 added, 1 errored” by CKAN's own words."""
    named = [f"{number:,} {word}" for word, number in counts.items() if number]
    return ", ".join(named) or "nothing to do"


def badge_of(row: CkanSource) -> tuple[str, str]:
    """Return a word and Unfold's name of its colour."""
    if row.message:
        return "trouble", "danger"
    if row.is_unfinished:
        return "harvesting", "info"
    if row.wanted:
        return "wanted", ""
    if not row.job_id:
        return "not asked", ""
    if row.gather_errors or row.counts.get("errored"):
        return "errors", "warning"
    return "ok", "success"
