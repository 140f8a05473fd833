"""How values show on pages. Texts of records are foreign: all of it is escaped."""

import datetime as dt
import functools
import re
import zoneinfo
from typing import Any
from urllib.parse import unquote, urlsplit

from django import template
from django.conf import settings
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.timesince import timesince

from harvests.models import HarvestJob, HarvestRecord, HarvestSource
from harvests.states import RESULT_VARIANTS, State

register = template.Library()
SAFE_SCHEMES = ("http", "https")
NONE = "–"
EMPTY = format_html('<span class="ch-none">{}</span>', NONE)  # cards leave it out
UNTITLED = "Without a title"
HEADINGS = {  # as the menu has it
    "removed records": "Trash",
    "log entries": "Audit trail",
    "Administration": "Catalog Harvesting",
    "Authentication and Authorization": "Catalog Harvesting",
}
PROBLEMS = "validation errors, or could not be read"


@register.filter
def number(value: int | None) -> str:
    """Return a number with its thousands apart: 5,144."""
    return NONE if value is None else f"{value:,}"


@register.filter
def counted(value: int, noun: str) -> str:
    """Return a number and its noun, which takes an s but after 1."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


@register.filter
def words(name: str) -> str:
    """Return “Point of contact” for “pointOfContact”."""
    return capfirst(re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).lower())


@register.filter
def heading(title: Any) -> str:
    """Return what the line above a page calls a model or a row of it."""
    if isinstance(title, HarvestRecord):
        return title.title or _file_name(title.url) or UNTITLED
    if isinstance(title, Model):
        return str(title)
    if isinstance(title, SafeString):  # of django-rq's pages: a heading with its tags
        return mark_safe(capfirst(strip_tags(title)))  # noqa: S308
    if str(title).startswith("Welcome "):  # Unfold's, where those have none
        return ""
    return HEADINGS.get(str(title)) or capfirst(title)


def _file_name(url: str) -> str:
    """Return the file that an address names; "" for a query to a service."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return "" if parts.query else unquote(parts.path.rpartition("/")[2])


@register.filter
def ago(when: dt.datetime | None, none: str = NONE) -> str:
    """Return “3 minutes ago” or “in 2 hours”; the time in UTC is its tooltip."""
    if when is None:
        return none
    return format_html(
        '<time datetime="{}" title="{}" class="ch-nowrap">{}</time>',
        when.isoformat(),
        exactly(when),
        _distance(when, timezone.now()),
    )


def exactly(when: dt.datetime) -> str:
    """Return a time in UTC, and in the site's zone where that is another."""
    shown = f"{when.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    if settings.TIME_ZONE == "UTC":
        return shown
    local = when.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE))
    return f"{shown} ({local:%H:%M} {settings.TIME_ZONE})"


register.filter("exactly", exactly)


def _distance(when: dt.datetime, now: dt.datetime) -> str:
    if abs(when - now) < dt.timedelta(minutes=1):
        return "just now" if when <= now else "in a moment"
    if when <= now:
        return f"{timesince(when, now, depth=1)} ago"
    return f"in {timesince(now, when, depth=1)}"


@register.filter
def next_harvest(source: HarvestSource) -> str:
    """Return when the schedule harvests a source: “next in 3 hours”."""
    if not source.publish:
        return "not published"
    when = source.next_harvest_dt
    if when is None or when <= timezone.now():
        return "next: now due"
    return format_html("next {}", ago(when))


def two_lines(first: Any, second: Any) -> str:
    return format_html(
        '<span class="ch-two"><span>{}</span><small>{}</small></span>', first, second
    )


@register.filter
def duration(seconds: float | None) -> str:
    """Return seconds as people say them: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min."""
    if seconds is None:
        return NONE
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@register.filter
def rate(per_second: float) -> str:
    """Return records per second, or per minute where those are few."""
    if per_second >= 10:
        return f"{per_second:,.0f} records/s"
    if per_second >= 1:
        return f"{per_second:.1f} records/s"
    return f"{per_second * 60:.1f} records/min"


@register.filter
def weblink(url: str | None, text: str = "") -> str:
    """Link a foreign URL if its scheme is harmless; else show it as text."""
    if not url:
        return NONE
    shown = text or url
    if not is_web_url(url):
        return format_html("<bdi>{}</bdi>", shown)
    return format_html(
        '<a class="ch-link" href="{}" title="{}" rel="noopener noreferrer nofollow">'
        "<bdi>{}</bdi></a>",
        url,
        url,
        shown,
    )


def is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in SAFE_SCHEMES and bool(parts.netloc)


@register.filter
def badge(state: State) -> SafeString:
    return label(state.label, state.variant, state.reason)


def label(text: str, variant: str = "", title: str = "") -> SafeString:
    """Return Unfold's badge; `variant` is info, success, warning, danger or ""."""
    form = _badge_form(variant, "{title}" if title else "")
    return format_html(form, text=text, title=title[:500])


@functools.cache
def _badge_form(variant: str, title: str) -> str:
    """Return the format of a badge: its template takes long for each row of a list."""
    context = {"text": "{text}", "variant": variant, "label_title": title}
    return render_to_string("unfold/helpers/label.html", context)


@register.filter
def isolated(text: Any, length: int = 160) -> str:
    """Return foreign text, shortened; its direction does not leak to what follows."""
    whole = str(text)
    if len(whole) <= length:
        return format_html("<bdi>{}</bdi>", whole)
    return format_html(
        '<bdi title="{}">{}…</bdi>', whole[:1000], whole[: length - 1].rstrip()
    )


@register.filter
def what_it_did(job: HarvestJob) -> str:
    """Return a job's counters in words, those above zero: “24 added, 1 failed”."""
    names = ("added", "changed", "unchanged", "removed", "held", "failed")
    counts = [(getattr(job, name), name) for name in names]
    shown = [f"{count:,} {name}" for count, name in counts if count]
    if shown:
        return ", ".join(shown)
    return "in progress" if job.is_active else NONE


@register.filter
def result_badge(result: str) -> SafeString:
    return label(result, RESULT_VARIANTS.get(result, ""))


@register.filter
def severity_badge(severity: str, count: int | None = None) -> SafeString:
    text = severity if count is None else counted(count, severity)
    return label(text, "danger" if severity == "error" else "warning")
