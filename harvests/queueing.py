"""What happens where the queue cannot be reached, in words."""

from urllib.parse import urlsplit

import redis.exceptions
from django.conf import settings

from harvests.models import HarvestJob


class QueueError(Exception):
    """Redis cannot be reached; `job`, if there is one, waits until it can."""

    def __init__(self, message: str, job: HarvestJob | None = None) -> None:
        super().__init__(message)
        self.job = job


def unreachable(error: redis.exceptions.ConnectionError) -> str:
    """Return what is wrong, with the address of Redis but not its password."""
    parts = urlsplit(settings.REDIS_URL)
    place = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    return f"Redis at {place} cannot be reached ({error})"
