"""The audit trail: who did what, when. Django's own log, to which buttons write too.

The forms of the admin write to it by themselves.
"""

from typing import Any, Final

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db.models import Model

DONE: Final = 4  # beside Django's three: what is no change of a form
KINDS: Final = {
    ADDITION: "added",
    CHANGE: "changed",
    DELETION: "deleted",
    DONE: "done",
}


def note(user: Any, item: Model, sentence: str, kind: int = DONE) -> None:
    """Write down what a person did to something."""
    LogEntry.objects.log_actions(
        user.pk, [item], kind, change_message=sentence, single_object=True
    )
