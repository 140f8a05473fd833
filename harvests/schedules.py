"""When a source is due: every so many days, or a cron expression in a time zone."""

import datetime as dt
import zoneinfo

from cron_descriptor import ExpressionDescriptor, FormatError, Options
from croniter import croniter
from django.core.exceptions import ValidationError

_WORDING = Options()
_WORDING.use_24hour_time_format = True


def validate_cron(value: str) -> None:
    """Raise ValidationError unless `value` has the five fields of a cron line."""
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValidationError(
            f"“{value}” is not a cron expression: give minute, hour, day, month and "
            "weekday, such as “30 3 * * *” for half past three every night."
        )
    validate_comes(value)


def validate_comes(value: str) -> None:
    """Raise ValidationError if the cron expression never comes (30 February)."""
    try:
        next_time(dt.datetime.now(dt.UTC), cron=value, time_zone="UTC", days=1)
    except ValueError as error:
        raise ValidationError(f"“{value}” never comes: no date fits it.") from error


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is an IANA time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            f"“{value}” is not an IANA time zone: give a name such as Europe/Paris."
        )


def in_words(*, cron: str, time_zone: str, days: float) -> str:
    """Return a schedule in words: “Every 6 hours”, “At 03:30 (Europe/Paris)”."""
    if cron:
        return f"{_told(cron)} ({time_zone})"
    hours = round(days * 24, 1)
    if hours % 24 == 0:
        return "Every day" if hours == 24 else f"Every {hours / 24:g} days"
    return "Every hour" if hours == 1 else f"Every {hours:g} hours"


def _told(cron: str) -> str:
    try:
        return ExpressionDescriptor(cron, _WORDING).get_description()
    except FormatError:  # croniter takes a little more, such as “@daily”
        return f"cron “{cron}”"


def next_time(
    after: dt.datetime, *, cron: str, time_zone: str, days: float
) -> dt.datetime:
    """Return the first time later than `after` (aware), in UTC.

    A time that was missed counts once: the result depends on `after` alone, not on
    the times between it and now.
    """
    if not cron:
        return after + dt.timedelta(days=days)
    local = after.astimezone(zoneinfo.ZoneInfo(time_zone))
    following: dt.datetime = croniter(cron, local).get_next(dt.datetime)
    return following.astimezone(dt.UTC)
