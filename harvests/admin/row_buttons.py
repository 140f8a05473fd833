"""Buttons of a row, inside the form of a change list, whose CSRF token they send.

Written here: a template for each row takes as long as the rest of the row.
"""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

_ICON: Final = (
    '<span class="material-symbols-outlined" aria-hidden="true">{icon}</span>'
)
_POST: Final = (
    '<button class="ch-icon" formaction="{url}" formmethod="post" name="next" '
    f'value="{{next}}" title="{{title}}" aria-label="{{label}}">{_ICON}</button>'
)
_LINK: Final = (
    '<a class="ch-icon" href="{url}" title="{title}" aria-label="{label}">'
    f"{_ICON}</a>"
)


def post(url: str, icon: str, title: str, label: str, way_back: str = "") -> SafeString:
    """Return a button that posts to `url`; `label` is what screen readers say."""
    words = {"icon": icon, "title": title, "label": label}
    return format_html(_POST, url=url, next=way_back, **words)


def link(url: str, icon: str, title: str, label: str) -> SafeString:
    """Return a link that looks like such a button."""
    return format_html(_LINK, url=url, icon=icon, title=title, label=label)
