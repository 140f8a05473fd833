"""Has a worker tell CKAN of a change, soon."""

import logging
from typing import Final

import django_rq
import redis.exceptions

from harvests.ckan.following import attend, want
from harvests.models import CkanSource, HarvestSource
from harvests.queueing import unreachable

logger = logging.getLogger(__name__)

TIMEOUT: Final = 600  # seconds; a look gives up far earlier by itself


def tell(source: HarvestSource, asked_by: str = "") -> bool:
    """Have CKAN harvest what the source publishes; False if no CKAN reads it."""
    wish = want(source, asked_by)
    if wish:
        attend_soon(wish)
    return wish is not None


def attend_soon(wish: CkanSource) -> None:
    """Queue a look. Where Redis is away, housekeeping looks once it is back."""
    try:
        django_rq.get_queue("housekeeping").enqueue(
            attend, wish.pk, job_timeout=TIMEOUT, result_ttl=0
        )
    except redis.exceptions.ConnectionError as error:
        logger.warning("%s", unreachable(error))
