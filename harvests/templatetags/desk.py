"""What the pages of the desk show beside `harvesting`: small charts, shares, rates."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from harvests.models import COUNTERS, HarvestSource
from harvests.templatetags.harvesting import EMPTY, ago, exactly

register = template.Library()
# How high the bars are: told apart without colours too
HEIGHTS: Final = {"finished": 100, "partly": 75, "failed": 55, "cancelled": 35}
WORDS: Final = {"partly": "finished with failed or held records"}
_BAR: Final = '<i class="ch-{}" style="height: {}%" title="{}"></i>'


@register.filter
def recent_jobs(source: HarvestSource) -> SafeString:
    """Return the last ten jobs of a source as bars, the newest on the right."""
    lines = source.recent_jobs or []
    if not lines:
        return EMPTY
    sorts = [_sort(line) for line in lines]
    told = ", ".join(WORDS.get(sort, sort) for sort in reversed(sorts))
    bars = (
        (sort, HEIGHTS.get(sort, 20), _tooltip(line))
        for sort, line in zip(sorts, lines, strict=True)
    )
    return format_html(
        '<span class="ch-recent" role="img" aria-label="{}">{}</span>',
        f"Last jobs, the newest first: {told}",
        format_html_join("", _BAR, bars),
    )


def _sort(line: Mapping[str, Any]) -> str:
    status = str(line.get("status", ""))
    troubled = line.get("failed") or line.get("held")
    return "partly" if status == "finished" and troubled else status


def _tooltip(line: Mapping[str, Any]) -> str:
    when = parse_datetime(line.get("finished") or "")
    counts = [f"{line[name]:,} {name}" for name in COUNTERS if line.get(name)]
    told = f"{line.get('status')}: {', '.join(counts) or 'nothing done'}"
    return f"{told} ({exactly(when)})" if when else told


@register.filter
def since(when: dt.datetime) -> str:
    """Return when something began: “since 25 Nov 14:05, 3 days ago”."""
    local = timezone.localtime(when)
    return format_html("since {}, {}", f"{local:%d %b %H:%M}", ago(when))


@register.filter
def share(part: int, whole: int) -> str:
    """Return a share in whole percent; 100 and 0 only if it is all or nothing."""
    percent = round(part * 100 / whole)
    if 0 < part < whole:
        percent = min(99, max(1, percent))
    return f"{percent} %"
