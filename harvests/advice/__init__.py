"""What a finding means and how to mend it, in ERDDAP, THREDDS and GeoNetwork too."""

from typing import Final

from harvests.advice.rules import RULES
from harvests.advice.schema import advice_on_schema
from harvests.advice.words import Advice

UNKNOWN: Final = Advice(
    meaning="The record breaks a rule that this page knows nothing more about.",
    fix="Go by the message, correct the record at its source, and harvest again.",
)


def advice_on(rule: str, message: str) -> Advice:
    """Return what to tell the provider about a finding."""
    return advice_on_schema(message) if rule == "xsd" else RULES.get(rule, UNKNOWN)
