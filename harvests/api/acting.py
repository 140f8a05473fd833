"""What a request has done to a source by the queue, written down in the trail."""

from django.contrib.admin.models import DELETION
from django.http import HttpRequest

from harvests import deletion_job, jobs, trail
from harvests.api.auth import by
from harvests.api.problems import Problem
from harvests.models import HarvestJob, HarvestSource, JobAlreadyActiveError
from harvests.queueing import QueueError


def start(
    request: HttpRequest, source: HarvestSource, **options: bool
) -> HarvestJob | None:
    """Queue a harvest; return its job, None if one is under way already.

    While Redis is away the job waits in the database.
    """
    who = request.user.get_username()
    try:
        job = jobs.enqueue_harvest(source, requested_by=who, **options)
    except JobAlreadyActiveError:
        return None
    except QueueError as error:
        job = error.job
    asked = [name.replace("_", " ") for name, wished in options.items() if wished]
    told = f"Harvest asked for{''.join(f', {each}' for each in asked)}, {by(request)}."
    trail.note(request.user, source, told)
    return job


def delete(request: HttpRequest, source: HarvestSource) -> None:
    """Queue the deletion of a source. Raises Problem 409 or 503."""
    try:
        deletion_job.enqueue_deletion(source)
    except JobAlreadyActiveError as error:
        raise Problem(409, str(error)) from error
    except QueueError as error:
        raise Problem(503, str(error), headers={"Retry-After": "60"}) from error
    trail.note(request.user, source, f"Deleted, {by(request)}.", DELETION)
