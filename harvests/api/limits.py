"""How many requests a minute a token may make, counted in Redis.

While Redis is away nobody is counted, and everybody answered: the limit keeps one
program from taking the site from all others, it guards no secret.
"""

import functools
import logging
import time
from typing import Final

import redis
import redis.exceptions
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from harvests.api.problems import Problem

logger = logging.getLogger(__name__)

WINDOW: Final = 60  # seconds
PATIENCE: Final = 0.5  # seconds that Redis may take


@functools.lru_cache(maxsize=2)
def _connection(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


def take(who: str, most: int = 0) -> None:
    """Count a request. Raises Problem 429 when there were too many this minute."""
    now = time.time()
    most = most or settings.API_REQUESTS_PER_MINUTE
    if _count(f"api-requests:{who}:{int(now // WINDOW)}") <= most:
        return
    wait = WINDOW - int(now % WINDOW)
    raise Problem(
        429,
        f"More than {most:,} requests a minute: go on in {wait} seconds.",
        headers={"Retry-After": str(wait)},
    )


def _count(key: str) -> int:
    """Return how many there were with this one; 0 when nobody can say."""
    pipeline = _connection(settings.REDIS_URL).pipeline(transaction=False)
    pipeline.incr(key)
    pipeline.expire(key, 2 * WINDOW)
    try:
        return int(pipeline.execute()[0])
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
        logger.warning("Requests to the API are not counted: %s", error)
        return 0
