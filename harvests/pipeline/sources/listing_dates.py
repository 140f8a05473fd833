"""Dates and sizes in the words of a listing's row.

Regular expressions only, because a listing may have a million rows. What is not
known for certain is None: a date without a year or a time, 07/11/2024 without AM
or PM (July or November?), a rounded size such as 12K.
"""

import datetime as dt
import re
from typing import Final

_TIME = r"(?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:\s*(?P<half>[AaPp])\.?[Mm]\b)?"
_WORD = r"(?P<m>[A-Za-z]{3})[a-z]{0,6}\.?"
_FORMATS: Final = (
    # 2025-10-02 11:47:33, 2025-Oct-02 11:47, 2025-10-02T11:47:33Z
    r"(?<!\d)(?P<y>\d{4})([-/.])(?P<m>\d\d?|[A-Za-z]{3})\2(?P<d>\d\d?)[T\s]\s*" + _TIME,
    # 02-Oct-2025 11:47, Thu, 02 Oct 2025 11:47:33 GMT, 23Nov2026 15:19
    rf"(?<!\d)(?P<d>\d\d?)[-/\s]?{_WORD}[-/\s]?(?P<y>\d{{4}})[\s:]\s*{_TIME}",
    # 6/17/2021 12:20 PM, 09/26/18 17:57, 17.06.2021 12:20
    r"(?<!\d)(?P<m>\d\d?)(?P<sep>[/.])(?P<d>\d\d?)(?P=sep)(?P<y>\d{4}|\d\d),?\s+"
    + _TIME,
    # Friday, July 31, 2026  4:53 PM, Nov 23, 2026, 3:19:22 PM
    rf"{_WORD}\s+(?P<d>\d\d?),?\s+(?P<y>\d{{4}}),?\s+{_TIME}",
)
_PATTERNS: Final = tuple(re.compile(pattern) for pattern in _FORMATS)
_MONTHS: Final = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)(?:\s*(?:bytes|B))?"
_SIZE_AFTER: Final = re.compile(
    rf"(?:Z|\s*(?:GMT|UTC|[-+]\d\d:?\d\d)\b)?\s*{_NUMBER}(?=\s*(?:\t|\s\s|\Z))"
)
_SIZE_BEFORE: Final = re.compile(rf"(?<!\S){_NUMBER}\s+(?:[A-Z][a-z]{{2,8}},\s*)?\Z")


def read_stamp(text: str) -> tuple[dt.datetime | None, int | None]:
    """Return the date in `text` and the size in bytes that stands beside it.

    The date is naive: listings give local or universal time and do not say which.
    """
    match = _find(text)
    date = _date(match) if match else None
    if match is None or date is None:
        return None, None
    size = _SIZE_AFTER.match(text, match.end()) or _SIZE_BEFORE.search(
        text, 0, match.start()
    )
    return date, int(size[1].replace(",", "")) if size else None


def read_date(text: str) -> dt.datetime | None:
    """Return the date in `text`, None if there is none that we can be sure of."""
    return read_stamp(text)[0]


def _find(text: str) -> re.Match[str] | None:
    if ":" not in text:
        return None
    for pattern in _PATTERNS:
        if match := pattern.search(text):
            return match
    return None


def _date(match: re.Match[str]) -> dt.datetime | None:
    year, month, day, hour, minute, second, half = match.group(
        "y", "m", "d", "H", "M", "S", "half"
    )
    if match.re is _PATTERNS[2] and not half:
        month, day = _ordered(month, day, match["sep"])
    try:
        return dt.datetime(
            int(year) + (2000 if len(year) == 2 else 0),
            int(month) if month.isdigit() else _MONTHS[month.lower()],
            int(day),
            _hour(int(hour), half),
            int(minute),
            int(second or 0),
        )
    except (ValueError, KeyError):
        return None


def _ordered(first: str, second: str, separator: str) -> tuple[str, str]:
    """Return month and day; a month of "" where both orders make a date."""
    if separator == "." or int(first) > 12:
        return second, first
    return ("", second) if int(second) <= 12 else (first, second)


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    return hour % 12 + (12 if half in "Pp" else 0)
