"""The digest: what a week brought to the sources of a person's organizations.

Weeks run from Monday to Sunday in TIME_ZONE. A person gets one of a week, as its key
is made of both, and none if there is nothing to say.
"""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Sum

from harvests.models import (
    MAIL,
    Delivery,
    Event,
    HarvestJob,
    HarvestSource,
    JobStatus,
    NotificationChoice,
)
from harvests.notifications.receivers import wants
from harvests.notifications.wording import site_url
from harvests.permissions import organizations_of

COUNTS: Final = ("added", "changed", "removed")
SHOWN: Final = 50  # sources, events


def due_week(now: dt.datetime) -> dt.date:
    """Return the Monday of the last week that is over."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return today - dt.timedelta(days=today.weekday() + 7)


def receivers(week: dt.date) -> list[User]:
    """Return who wants the digest of that week and has something to read in it."""
    wanted = NotificationChoice.objects.filter(digest=True, muted=False)
    keys = list(wanted.values_list("user_id", flat=True))
    users = User.objects.filter(pk__in=keys, is_active=True, is_staff=True)
    return [user for user in users if user.email and summary(user, week)]


def summary_of(delivery: Delivery) -> dict[str, Any] | None:
    """Return what the mail of a delivery shows; None if that is nothing (any more)."""
    users = User.objects.filter(pk=delivery.user_key, is_active=True, is_staff=True)
    user = users.first()
    if user is None or delivery.week is None or delivery.channel != MAIL:
        return None
    if not wants(user, "digest"):
        return None
    return summary(user, delivery.week)


def summary(user: User, week: dt.date) -> dict[str, Any] | None:
    """Return the events and the counts of that week; None if there are none."""
    sources = {
        source.pk: source
        for source in HarvestSource.objects.filter(
            organization__in=list(organizations_of(user))
        )
    }
    start, end = _bounds(week)
    events = Event.objects.filter(
        source__in=list(sources), when__gte=start, when__lt=end
    ).order_by("-when")
    told = [(event, sources[event.source_id]) for event in events[:SHOWN]]
    rows = _rows(sources, start, end)
    if not told and not rows:
        return None
    last = week + dt.timedelta(days=6)
    return {"events": told, "rows": rows, "first": week, "last": last, "user": user}


def _rows(
    sources: dict[str, HarvestSource], start: dt.datetime, end: dt.datetime
) -> list[dict[str, Any]]:
    """Return what the jobs of each source did, where they did anything."""
    jobs = HarvestJob.objects.filter(
        source__in=list(sources), finished__gte=start, finished__lt=end
    ).exclude(status=JobStatus.CANCELLED)
    sums = {name: Sum(name) for name in COUNTS}
    groups = jobs.order_by().values("source_id").annotate(jobs=Count("pk"), **sums)
    rows = [
        {**group, "source": sources[group["source_id"]]}
        for group in groups
        if any(group[name] for name in COUNTS)
    ]
    for row in rows:
        row["url"] = site_url(row["source"].get_absolute_url())
    return sorted(rows, key=lambda row: row["source"].name)[:SHOWN]


def _bounds(week: dt.date) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(settings.TIME_ZONE)
    days = (week, week + dt.timedelta(days=7))
    start, end = (dt.datetime.combine(d, dt.time(), tzinfo=zone) for d in days)
    return start, end
