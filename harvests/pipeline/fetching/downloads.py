"""Drives many transfers at once: starts, redirects, tries again, gives up.

No threads: everything happens inside `poll`, in the thread that calls it.
"""

import time
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

import pycurl

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.access import Entrance
from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.bodies import Body
from harvests.pipeline.fetching.errors import Failure
from harvests.pipeline.fetching.hosts import Hosts
from harvests.pipeline.fetching.queues import Job, Queues
from harvests.pipeline.fetching.robots import Robots
from harvests.pipeline.fetching.stats import Tally
from harvests.pipeline.fetching.transfers import Transfer
from harvests.pipeline.fetching.tries import due_again, error_for, follow
from harvests.pipeline.fetching.urls import UnfitURLError, dialable
from harvests.pipeline.types import FetchPolicy, Request

B = TypeVar("B", bound=Body)
T = TypeVar("T")

NOTHING_OPEN: Final = 0.001  # select returns at once while no socket is open
GLANCE: Final = 0.02  # how long the gate is out of sight, while it is busy


class Gate(Protocol):
    """Asks hosts what we may ask of them. `judge` is a `Judge`; `poll` drives it."""

    def judge(self, url: str) -> str | None: ...
    def poll(self, timeout: float) -> None: ...
    def close(self) -> None: ...
    def __len__(self) -> int: ...


class Common:
    """What all downloads of one Fetcher share."""

    def __init__(self, policy: FetchPolicy) -> None:
        self.policy = policy
        self.entrance = None if policy.access is None else Entrance(policy.access)
        own_proxy = self.entrance is not None and self.entrance.proxy is not None
        self.guard = Guard(policy.allow_networks, own_proxy=own_proxy)
        connections = policy.connections_per_host
        self.hosts = Hosts(connections, self.guard, delay=policy.delay)
        self.robots = Robots(policy, self.hosts) if policy.robots else None
        self.tally = Tally()

    def transfer(self, body: B, *, limit: int, accept: str) -> Transfer[B]:
        return Transfer(
            self.policy,
            guard=self.guard,
            body=body,
            limit=limit,
            accept=accept,
            entrance=self.entrance,
        )


class Downloads(Generic[B, T]):
    """Requests in, results out; `answer` makes a result of an ended transfer."""

    def __init__(
        self,
        common: Common,
        *,
        transfer: Callable[[], Transfer[B]],
        answer: Callable[[Request, Transfer[B]], T],
        gate: Gate | None = None,
    ) -> None:
        self._common = common
        self._gate = gate
        self._new_transfer = transfer
        self._answer = answer
        self._multi = pycurl.CurlMulti()
        self._queues = self._new_queues()
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
        self._queues = self._new_queues()
        if self._gate is not None:
            self._gate.close()

    def _new_queues(self) -> Queues:
        judge = None if self._gate is None else self._gate.judge
        return Queues(self._common.hosts, judge)

    def _advance(self) -> None:
        if self._gate is not None:
            self._gate.poll(0)
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
        if self._gate is not None and len(self._gate):
            if not self._running:
                self._gate.poll(seconds)
                return
            seconds = min(seconds, GLANCE)
        if not self._running:
            time.sleep(max(0.0, seconds))
            return
        alarm = self._multi.timeout() / 1000
        if not self._multi.select(min(seconds, alarm) if alarm >= 0 else seconds):
            time.sleep(NOTHING_OPEN)

    def _start(self) -> None:
        now = time.monotonic()
        while (job := self._queues.take(now)) is not None:
            if job.refusal:
                self._fail(job, Failure(job.refusal))
            else:
                transfer = self._spare.pop() if self._spare else self._new_transfer()
                self._launch(job, transfer)

    def _launch(self, job: Job, transfer: Transfer[B]) -> None:
        transfer.start(job.url, job.sent)
        self._running[transfer.curl] = (job, transfer)
        self._multi.add_handle(transfer.curl)

    def _end(self, curl: pycurl.Curl, code: int, words: str) -> None:
        job, transfer = self._running.pop(curl)
        self._multi.remove_handle(curl)
        failure = transfer.end(code, words)
        self._common.tally.add(*transfer.measure())
        if transfer.again:
            self._launch(job, transfer)
            return
        if failure is None and transfer.target:
            failure = self._redirect(job, transfer)
        elif failure is None:
            self._queues.free(job)
            job.lane.health.answered()
            self._done.append((job.request, self._answer(job.request, transfer)))
        if failure is not None:
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

    def _redirect(self, job: Job, transfer: Transfer[B]) -> Failure | None:
        """Queue the job anew: where it goes, others may be waiting for their turn."""
        failure = follow(
            job,
            transfer.target,
            status=transfer.answer.status,
            guard=self._common.guard,
            most=self._common.policy.max_redirects,
        )
        if failure is None:
            self._queues.move(job)
        return failure

    def _fail(self, job: Job, failure: Failure) -> None:
        self._queues.free(job)
        self._done.append((job.request, error_for(job.request.url, failure, job)))
