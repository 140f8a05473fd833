"""Tells people and programs that a source changed state.

`events` decides what is one, once per change; `receivers` who is to be told;
`deliveries` sends what is due through a channel, and tries again. `email` and
`webhook` are the channels (see CHANNELS in `deliveries`), `digest` sums up a week.
"""

from harvests.notifications.errors import NotificationError
from harvests.notifications.events import after

__all__ = ["NotificationError", "after"]
