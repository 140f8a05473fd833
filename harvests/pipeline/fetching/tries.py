"""What becomes of a request after a try: a redirect, another try, or its error."""

import random
import time
from typing import Final

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.errors import Failure
from harvests.pipeline.fetching.queues import Job
from harvests.pipeline.fetching.urls import (
    UnfitURLError,
    dialable,
    hostname,
    redirected,
    shown,
)
from harvests.pipeline.types import FetchPolicy

JITTER: Final = 0.25
SEE_OTHER: Final = 303
TOO_MANY: Final = 429


def follow(
    job: Job, target: str, *, status: int, guard: Guard, most: int
) -> Failure | None:
    """Send the job on to the target, or return why it must not go there.

    A POST stays one but after a 303: services that moved to https answer 301.
    """
    job.visited += (job.url,)
    try:
        url = redirected(job.url, dialable(target))
    except UnfitURLError as error:
        return Failure(f"it redirects to {shown(target)}: {error}")
    if url in job.visited:
        return Failure(
            f"it redirects in a circle, back to {shown(url)}; tell the provider"
        )
    if len(job.visited) > most:
        return Failure(f"it redirects more than {most} times; tell the provider")
    job.bare = job.bare or status == SEE_OTHER
    job.url = url
    refusal = guard.refuses_host(hostname(url))
    return Failure(refusal) if refusal else None


def due_again(job: Job, failure: Failure, policy: FetchPolicy) -> float | None:
    """Count the try; return when to make the next, None if there is to be none."""
    health = job.lane.health
    job.tries += 1
    wait = max(failure.wait, _backoff(policy.backoff, job.tries))
    if failure.wait or failure.status == TOO_MANY:
        health.pause(wait)
    if failure.silent:
        health.missed(wait)
    elif failure.status:
        health.answered()
    if job.tries <= min(policy.retries, failure.tries - 1) and not health.verdict:
        return time.monotonic() + wait
    if failure.silent:
        health.failed(failure.reason)
    return None


def error_for(url: str, failure: Failure, job: Job | None = None) -> FetchError:
    """Put a failure into a sentence that names the URL and the way it went."""
    redirect = tried = ""
    if job is not None and job.visited and job.url not in job.visited:
        redirect = f" (redirected to {shown(job.url)})"
    if job is not None and job.tries > 1:
        tried = f" (tried {job.tries} times)"
    message = f"Could not fetch {shown(url)}{redirect}: {failure.reason}{tried}"
    return FetchError(message, url=shown(url), status=failure.status)


def _backoff(first: float, tries: int) -> float:
    pause = first * 2.0 ** (tries - 1)
    return pause + pause * JITTER * random.random()  # noqa: S311 - no secret
