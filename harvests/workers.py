"""The RQ worker that runs harvests (`RQ["WORKER_CLASS"]`).

Each job has a process of its own, forked from the worker's. What jobs use is loaded
before, by way of the addresses: a mail with a link took 0.4 s to load them.
"""

import logging
import os
import signal
from contextlib import suppress
from typing import Any

import redis.exceptions
from django.db import connections
from rq.job import Job
from rq.worker import Worker

from harvests.embedded import lifeline
from harvests.interruption import heed_sigterm
from harvests.notifications.errors import NotificationError
from harvestsite import urls  # noqa: F401 - see above

logger = logging.getLogger(__name__)


class HarvestWorker(Worker):
    """Asked to stop, it asks its harvest to stop too, instead of waiting a day for it.

    The harvest keeps what is done and goes on as a new job (`jobs.run_harvest`). A
    work-horse whose worker was killed is asked the same by the system (on Linux).
    """

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()
        heed_sigterm()
        tie = lifeline()
        if tie is not None:
            tie()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A mail that is not taken is tried again: a line says all; no traceback."""
        error = exc_info[1] if len(exc_info) > 1 else None
        if isinstance(error, NotificationError):
            logger.warning("Not sent, and tried again for a day: %s", error)
        else:
            super().handle_exception(job, *exc_info)

    def handle_work_horse_killed(self, job: Job, *details: Any) -> None:
        """Tell its failure callback at once; RQ does so only of exceptions."""
        super().handle_work_horse_killed(job, *details)
        if job.failure_callback is not None:
            job.failure_callback(job, self.connection, None, None, None)
        drop_connections()

    def run_maintenance_tasks(self) -> None:
        """RQ calls failure callbacks from here, for jobs whose worker died."""
        super().run_maintenance_tasks()
        drop_connections()

    def maintain_heartbeats(self, *args: Any) -> None:
        """Redis away in mid-harvest is no reason to leave the harvest alone."""
        try:
            super().maintain_heartbeats(*args)
        except redis.exceptions.ConnectionError as error:
            logger.warning("No sign of life given to Redis: %s", error)


def drop_connections() -> None:
    """Close those to the database: the next work-horse must not inherit one.

    On MongoDB `close` keeps the client, which is safe in threads, not over a fork.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
