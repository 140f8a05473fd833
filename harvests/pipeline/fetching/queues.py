"""Who is next: a queue per host in fair turns, and those that wait for another try.

Does not fetch.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from harvests.pipeline.fetching.hosts import Health, Hosts
from harvests.pipeline.fetching.urls import authority
from harvests.pipeline.types import Request

HOSTS_AT_ONCE: Final = 4

# Says why a URL may not be asked for, "" if it may, None while that is not known.
Judge = Callable[[str], str | None]


@dataclass(slots=True, eq=False)
class Lane:
    """The requests to one host."""

    health: Health
    queue: deque["Job"] = field(default_factory=deque)
    active: int = 0


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way; `visited` are the addresses that redirected it.

    `refusal` is why it does not go on; `bare`: what its POST yields is to be had there.
    """

    request: Request
    url: str
    lane: Lane
    tries: int = 0
    visited: tuple[str, ...] = ()
    refusal: str = ""
    bare: bool = False

    @property
    def sent(self) -> Request:
        """The request as it is made at `url`."""
        return Request(self.url) if self.bare else self.request


class Queues:
    """The requests that are not in flight."""

    def __init__(self, hosts: Hosts, judge: Judge | None = None) -> None:
        self._hosts = hosts
        self._judge = judge
        self._lanes: dict[str, Lane] = {}
        self._turns: deque[Lane] = deque()
        self._later: list[tuple[float, int, Job]] = []
        self._order = count()
        self._active = 0
        self._queued = 0

    def __len__(self) -> int:
        return self._queued + len(self._later)

    def add(self, request: Request, url: str) -> None:
        self._enqueue(Job(request, url, self._lane(url)))

    def move(self, job: Job) -> None:
        """Queue a job that was redirected, first in the lane of where it goes."""
        self.free(job)
        job.lane = self._lane(job.url)
        self._enqueue(job, first=True)

    def retry(self, job: Job, due: float) -> None:
        """Queue the job again later, from its first address."""
        job.url = job.visited[0] if job.visited else job.url
        job.visited = ()
        job.bare = False
        job.lane = self._lane(job.url)
        heapq.heappush(self._later, (due, next(self._order), job))

    def take(self, now: float) -> Job | None:
        """Return the next job that may start or is refused; `free` it in the end."""
        while self._later and self._later[0][0] <= now:
            self._enqueue(heapq.heappop(self._later)[2], first=True)
        limit = self._hosts.limit
        if self._active >= HOSTS_AT_ONCE * limit:
            return None
        for _ in range(len(self._turns)):
            lane = self._turns[0]
            self._turns.rotate(-1)
            refusal = self._refusal(lane)
            if refusal or (
                refusal is not None and lane.active < limit and lane.health.start(now)
            ):
                return self._pop(lane, refusal)
        return None

    def free(self, job: Job) -> None:
        job.lane.active -= 1
        self._active -= 1

    def due(self, now: float) -> float:
        """Return when the next wait is over, infinity if nothing waits."""
        times = [lane.health.free_at for lane in self._turns]
        times += [due for due, *_ in self._later[:1]]
        return min((time for time in times if time > now), default=float("inf"))

    def _lane(self, url: str) -> Lane:
        name = authority(url)
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(self._hosts.health(name))
        return lane

    def _refusal(self, lane: Lane) -> str | None:
        """Return why the first of the lane is refused; None: wait for the answer."""
        if lane.health.verdict or self._judge is None:
            return lane.health.verdict
        return self._judge(lane.queue[0].url)

    def _enqueue(self, job: Job, *, first: bool = False) -> None:
        queue = job.lane.queue
        if not queue:
            self._turns.append(job.lane)
        if first:
            queue.appendleft(job)
        else:
            queue.append(job)
        self._queued += 1

    def _pop(self, lane: Lane, refusal: str) -> Job:
        job = lane.queue.popleft()
        job.refusal = refusal
        if not lane.queue:
            self._turns.pop()
        lane.active += 1
        self._active += 1
        self._queued -= 1
        return job
