"""Advice on errors of the XML schema, by the form of their messages.

The forms are those of `pipeline.validators.schema_wording`; the first that fits.
"""

import re
from typing import Final

from harvests.advice.shapes import SHAPES
from harvests.advice.words import Advice

ANY: Final = Advice(
    "The record does not have the form that ISO 19139 prescribes; strict programs "
    "refuse it.",
    "Compare the place with a valid record, and correct it as the message says.",
)
_COMPILED: Final = [(re.compile(form), advice) for form, advice in SHAPES]


def advice_on_schema(message: str) -> Advice:
    """Return the advice for the first form that the message has."""
    found = (advice for form, advice in _COMPILED if form.search(message))
    return next(found, ANY)
