"""When a source is due: every so many days, or a cron expression in a time zone.

What reads cron expressions is loaded where one is there: it takes 30 ms.
"""

import datetime as dt
import zoneinfo
from functools import cache
from typing import Final

from django.core.exceptions import ValidationError

_NO_CRON: Final = (
    "“{}” is not a cron expression: give minute, hour, day, month and "
    "weekday, such as “30 3 * * *” for half past three every night."
)
_NO_ZONE: Final = "“{}” is not an IANA time zone: give a name such as Europe/Paris."


class ScheduleError(ValueError):
    """No time can be planned; the message says why. `ending` and the pages catch it."""


def validate_cron(value: str) -> None:
    """Raise ValidationError unless `value` has the five fields of a cron line."""
    from croniter import croniter

    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValidationError(_NO_CRON.format(value))
    validate_comes(value)


def validate_comes(value: str) -> None:
    """Raise ValidationError if the cron expression never comes (30 February)."""
    try:
        next_time(dt.datetime.now(dt.UTC), cron=value, time_zone="UTC", days=1)
    except ScheduleError as error:
        raise ValidationError(str(error)) from error


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is an IANA time zone."""
    if value not in _time_zones():
        raise ValidationError(_NO_ZONE.format(value))


@cache
def _time_zones() -> set[str]:
    """Return what `zoneinfo` looks for on the disk each time, for 30 ms."""
    return zoneinfo.available_timezones()


def in_words(*, cron: str, time_zone: str, days: float) -> str:
    """Return a schedule in words: “Every 6 hours”, “At 03:30 (Europe/Paris)”."""
    if cron:
        return f"{_told(cron)} ({time_zone})"
    hours = round(days * 24, 1)
    if hours % 24 == 0:
        return "Every day" if hours == 24 else f"Every {hours / 24:g} days"
    return "Every hour" if hours == 1 else f"Every {hours:g} hours"


def _told(cron: str) -> str:
    from cron_descriptor import ExpressionDescriptor, FormatError, Options

    wording = Options()
    wording.use_24hour_time_format = True
    try:
        return ExpressionDescriptor(cron, wording).get_description()
    except FormatError:  # croniter takes a little more, such as “@daily”
        return f"cron “{cron}”"


def next_time(
    after: dt.datetime, *, cron: str, time_zone: str, days: float
) -> dt.datetime:
    """Return the first time later than `after` (aware), in UTC.

    A time that was missed counts once: the result depends on `after` alone, not on
    the times between it and now. Raises ScheduleError.
    """
    if cron:
        return _next_by_cron(cron, after.astimezone(_zone(time_zone)))
    try:
        return after + dt.timedelta(days=days)
    except (OverflowError, ValueError) as error:
        raise ScheduleError(f"in {days:g} days is no date.") from error


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # the last: “Europe”, a folder
        raise ScheduleError(_NO_ZONE.format(name)) from error


def _next_by_cron(cron: str, local: dt.datetime) -> dt.datetime:
    from croniter import CroniterBadDateError, CroniterError, croniter

    try:
        following: dt.datetime = croniter(cron, local).get_next(dt.datetime)
    except CroniterBadDateError as error:
        raise ScheduleError(f"“{cron}” never comes: no date fits it.") from error
    except CroniterError as error:
        raise ScheduleError(_NO_CRON.format(cron)) from error
    return following.astimezone(dt.UTC)
