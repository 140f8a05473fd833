"""Drives many transfers at once: starts, redirects, tries again, gives up.

No threads: everything happens inside `poll`, in the thread that calls it.
"""

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import pycurl

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.bodies import Body
from harvests.pipeline.fetching.errors import Failure
from harvests.pipeline.fetching.hosts import Hosts
from harvests.pipeline.fetching.queues import Job, Queues
from harvests.pipeline.fetching.stats import Tally
from harvests.pipeline.fetching.transfers import Transfer
from harvests.pipeline.fetching.tries import due_again, error_for, follow
from harvests.pipeline.fetching.urls import UnfitURLError, dialable
from harvests.pipeline.types import FetchPolicy, Request

B = TypeVar("B", bound=Body)
T = TypeVar("T")

NOTHING_OPEN: Final = 0.001  # select returns at once while no socket is open


class Common:
    """What all downloads of one Fetcher share."""

    def __init__(self, policy: FetchPolicy) -> None:
        self.policy = policy
        self.guard = Guard(policy.allow_networks)
        self.hosts = Hosts(policy.connections_per_host, self.guard)
        self.tally = Tally()

    def transfer(self, body: B, *, limit: int, accept: str) -> Transfer[B]:
        return Transfer(
            self.policy, guard=self.guard, body=body, limit=limit, accept=accept
        )


class Downloads(Generic[B, T]):
    """Requests in, results out; `answer` makes a result of an ended transfer."""

    def __init__(
        self,
        common: Common,
        *,
        transfer: Callable[[], Transfer[B]],
        answer: Callable[[Request, Transfer[B]], T],
    ) -> None:
        self._common = common
        self._new_transfer = transfer
        self._answer = answer
        self._multi = pycurl.CurlMulti()
        self._queues = Queues(common.hosts)
        self._running: dict[pycurl.Curl, tuple[Job, Transfer[B]]] = {}
        self._spare: list[Transfer[B]] = []
        self._done: list[tuple[Request, T | FetchError]] = []

    def __len__(self) -> int:
        """Return how many requests have not been returned yet."""
        return len(self._queues) + len(self._running) + len(self._done)

    def add(self, request: Request) -> None:
        """Take a request; never blocks."""
        try:
            self._queues.add(request, dialable(request.url))
        except UnfitURLError as error:
            self._done.append((request, error_for(request.url, Failure(str(error)))))

    def poll(self, timeout: float) -> list[tuple[Request, T | FetchError]]:
        """Drive the transfers; return what has ended as soon as something has."""
        deadline = time.monotonic() + timeout
        while True:
            self._advance()
            now = time.monotonic()
            if self._done or not len(self) or now >= deadline:
                break
            self._wait(min(deadline, self._queues.due(now)) - now)
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Abort what is in flight and forget the rest."""
        for curl in self._running:
            self._multi.remove_handle(curl)
        for transfer in (*self._spare, *(pair[1] for pair in self._running.values())):
            transfer.close()
        self._multi.close()
        self._running.clear()
        self._spare.clear()
        self._done.clear()
        self._queues = Queues(self._common.hosts)

    def _advance(self) -> None:
        self._start()
        self._multi.perform()
        _, ended, failed = self._multi.info_read()
        for curl in ended:
            self._end(curl, 0, "")
        for curl, code, words in failed:
            self._end(curl, code, words)
        if ended or failed:  # leave nobody idle while the caller works
            self._start()
            self._multi.perform()

    def _wait(self, seconds: float) -> None:
        if not self._running:
            time.sleep(max(0.0, seconds))
            return
        alarm = self._multi.timeout() / 1000
        if not self._multi.select(min(seconds, alarm) if alarm >= 0 else seconds):
            time.sleep(NOTHING_OPEN)

    def _start(self) -> None:
        now = time.monotonic()
        while (job := self._queues.take(now)) is not None:
            if job.lane.health.verdict:
                self._fail(job, Failure(job.lane.health.verdict))
            else:
                transfer = self._spare.pop() if self._spare else self._new_transfer()
                self._launch(job, transfer)

    def _launch(self, job: Job, transfer: Transfer[B]) -> None:
        transfer.start(job.url, job.request)
        self._running[transfer.curl] = (job, transfer)
        self._multi.add_handle(transfer.curl)

    def _end(self, curl: pycurl.Curl, code: int, words: str) -> None:
        job, transfer = self._running.pop(curl)
        self._multi.remove_handle(curl)
        failure = transfer.end(code, words)
        self._common.tally.add(*transfer.measure())
        if transfer.target and failure is None:
            failure = self._redirect(job, transfer.target)
            if failure is None:
                self._launch(job, transfer)
                return
        if failure is None:
            self._queues.free(job)
            job.lane.health.answered()
            self._done.append((job.request, self._answer(job.request, transfer)))
        else:
            transfer.answer.body.clear()
            self._retry_or_fail(job, failure)
        self._spare.append(transfer)

    def _retry_or_fail(self, job: Job, failure: Failure) -> None:
        due = due_again(job, failure, self._common.policy)
        if due is None:
            self._fail(job, failure)
            return
        self._common.tally.retry()
        self._queues.free(job)
        self._queues.retry(job, due)

    def _redirect(self, job: Job, target: str) -> Failure | None:
        most = self._common.policy.max_redirects
        return follow(job, target, guard=self._common.guard, most=most)

    def _fail(self, job: Job, failure: Failure) -> None:
        self._queues.free(job)
        self._done.append((job.request, error_for(job.request.url, failure, job)))
