"""What RQ runs to delete a source, and how it is enqueued."""

import logging

import django_rq
import redis.exceptions

from harvests import ckan, deletion
from harvests.ending import end
from harvests.jobs import job_message
from harvests.models import HarvestSource, JobAlreadyActiveError, JobStatus
from harvests.pipeline.errors import HarvestError
from harvests.queueing import QueueError, unreachable

logger = logging.getLogger(__name__)


def enqueue_deletion(source: HarvestSource) -> None:
    """Queue the deletion of a source and unpublish it.

    Raises JobAlreadyActiveError while it is harvested, QueueError when Redis is away.
    """
    if source.jobs.active().exists():
        raise JobAlreadyActiveError(
            f"“{source}” is being harvested: cancel that job first, then delete it."
        )
    try:
        django_rq.get_queue("default").enqueue(delete_source, source.pk)
    except redis.exceptions.ConnectionError as error:
        raise QueueError(
            f"{unreachable(error)}. Nothing was deleted: try again once Redis is back."
        ) from error
    HarvestSource.objects.filter(pk=source.pk).update(
        publish=False, last_message=deletion.DELETING
    )


def delete_source(source_id: str) -> None:
    """Delete a source and all that came from it. Safe to run again after a crash."""
    source = HarvestSource.objects.filter(pk=source_id).first()
    if source is None:
        return
    try:
        job = deletion.take_slot(source)
    except JobAlreadyActiveError as error:
        logger.warning("Did not delete %s: %s", source, error)
        HarvestSource.objects.filter(pk=source_id).update(
            last_message="Not deleted, because it was being harvested: cancel that "
            "job, then delete it again."
        )
        return
    try:
        count = deletion.delete(source, job, lambda count: job.beat(removed=count))
    except BaseException as error:
        logger.exception("The deletion of %s stopped", source)
        why = str(error) if isinstance(error, HarvestError) else type(error).__name__
        end(job, JobStatus.FAILED, f"Deleted in part ({why}): delete it again.")
        raise
    if HarvestSource.objects.filter(pk=source_id).exists():
        end(job, JobStatus.CANCELLED, job_message(job))
    elif count:
        ckan.tell(source)
