"""Makes the heads of a list's columns once, where Unfold 0.91 does for each row.

It asks for them there to label the cells, and renders the checkbox of the first one
every time: a third of the time that a list of 50 rows took.
"""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from unfold.templatetags import unfold_list

_make = unfold_list.result_headers


def _heads(cl: ChangeList) -> list[dict[str, Any]]:
    if not hasattr(cl, "heads"):
        cl.heads = list(_make(cl))
    found: list[dict[str, Any]] = cl.heads
    return found


def install() -> None:
    """Have Unfold use it."""
    unfold_list.result_headers = _heads
