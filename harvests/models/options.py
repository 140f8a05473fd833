"""What a source may set for itself: which records, how gently, held to what.

Left alone, each of these means what the site does with every source.
"""

import math
import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models

from harvests.pipeline.types import Box

SELECTING: Final = ("CSW",)  # kinds whose servers select by CQL and box
HEADER_TEXT: Final = RegexValidator(
    r"^[\x20-\x7e]*$", "Use plain letters, digits and signs on one line."
)
BOX: Final = (
    "Give four numbers in degrees, west,south,east,north, such as -98,18,-80,31; "
    "west is less than east, south less than north."
)
_BOX_CHARACTERS: Final = re.compile(r"[-+0-9., ]*")
_LONGEST_CQL: Final = 10_000
_DEEPEST: Final = 1000


def lines(text: str) -> tuple[str, ...]:
    """Return what stands on each line, without the empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def parse_box(text: str) -> Box:
    """Return the box of "west,south,east,north". Raises ValueError."""
    if not _BOX_CHARACTERS.fullmatch(text):  # float() takes 1_0 and ١ as well
        raise ValueError(text)
    west, south, east, north = (float(number) for number in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(text)
    return Box(west=west, east=east, south=south, north=north)


def validate_box(text: str) -> None:
    """Raise ValidationError unless `text` is a box."""
    try:
        parse_box(text)
    except ValueError as error:
        raise ValidationError(BOX) from error


def validate_patterns(text: str) -> None:
    """Raise ValidationError for a pattern that can match nothing."""
    for pattern in lines(text):
        if "/" in pattern and not pattern.startswith(("*", "?", "[", "http")):
            raise ValidationError(
                f"“{pattern}” matches nothing: a pattern with a slash is for the whole "
                f"URL, so begin it with a star, such as “*/{pattern.lstrip('/')}”."
            )


class SourceOptions(models.Model):
    """Columns of HarvestSource. Numbers that are null stand for the site's setting."""

    include = models.TextField(blank=True, validators=[validate_patterns])
    exclude = models.TextField(blank=True, validators=[validate_patterns])
    cql = models.TextField(blank=True, verbose_name="CQL filter")
    bbox = models.CharField(
        max_length=100,
        blank=True,
        validators=[validate_box],
        verbose_name="bounding box",
    )
    connections = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(32)]
    )
    delay = models.FloatField(
        default=0,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(60)],
    )
    timeout = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
    )
    idle_timeout = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
    )
    robots = models.BooleanField(default=False)
    user_agent = models.CharField(max_length=200, blank=True, validators=[HEADER_TEXT])
    check_schema = models.BooleanField(default=True)
    check_rules = models.BooleanField(default=True)
    check_ckan = models.BooleanField(default=True)
    publish_with_errors = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        self._check_numbers()
        kind = getattr(self, "harvest_type", "")
        if kind in SELECTING:
            return
        message = (
            "Only a catalogue service selects on its side: leave this empty, or choose "
            f"the kind {', '.join(SELECTING)}."
        )
        wrong = {name: message for name in ("cql", "bbox") if getattr(self, name)}
        if wrong:
            raise ValidationError(wrong)

    def _check_numbers(self) -> None:
        """Refuse what no source needs, and NaN, which passes every comparison."""
        wrong = {}
        if len(self.cql) > _LONGEST_CQL:
            wrong["cql"] = f"Give at most {_LONGEST_CQL:,} characters."
        if (getattr(self, "max_depth", 0) or 0) > _DEEPEST:
            wrong["max_depth"] = f"Give at most {_DEEPEST:,} levels."
        if math.isnan(self.delay or 0):
            wrong["delay"] = "Give a number of seconds."
        if wrong:
            raise ValidationError(wrong)
