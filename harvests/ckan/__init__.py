"""CKAN: who harvests our folder, is told of changes, and says what it thinks."""

from harvests.ckan.asking import attend_soon, tell
from harvests.ckan.checking import Verdict, check
from harvests.ckan.following import attend, attend_due, look_soon, want
from harvests.ckan.names import (
    all_names,
    name_for,
    name_of,
    owner_of,
    page_of,
    place_in_waf,
    site,
)

__all__ = [
    "Verdict",
    "all_names",
    "attend",
    "attend_due",
    "attend_soon",
    "check",
    "look_soon",
    "name_for",
    "name_of",
    "owner_of",
    "page_of",
    "place_in_waf",
    "site",
    "tell",
    "want",
]
