"""The words of an advice, and the tools it may name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ERDDAP: Final = "ERDDAP"
THREDDS: Final = "THREDDS (ncISO)"
GEONETWORK: Final = "GeoNetwork"


@dataclass(frozen=True, slots=True)
class Advice:
    """`meaning` says what it is and whom it hurts, `fix` what to do about it.

    `places` says where, in the tools that providers make their records with.
    """

    meaning: str
    fix: str
    places: Mapping[str, str] = field(default_factory=dict)
