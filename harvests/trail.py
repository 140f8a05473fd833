"""The audit trail: who did what, when. Django's own log, to which buttons write too.

The forms of the admin write to it by themselves.
"""

from typing import Any, Final

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
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


def was_deleted(model: type[Model], **which: str) -> bool:
    """Tell whether a person deleted it here; by `object_id`, or `object_repr`."""
    kind = ContentType.objects.get_for_model(model)
    gone = LogEntry.objects.filter(content_type=kind, action_flag=DELETION, **which)
    return gone.exists()
