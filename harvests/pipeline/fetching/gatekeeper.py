"""Fetches the robots.txt of hosts while the requests for them wait."""

from typing import Final

from harvests.pipeline.fetching.bodies import MemoryBody
from harvests.pipeline.fetching.downloads import Common, Downloads
from harvests.pipeline.fetching.robots import MOST, PATH, Robots
from harvests.pipeline.fetching.transfers import Transfer
from harvests.pipeline.fetching.urls import CREDENTIALS, root
from harvests.pipeline.types import Request

ACCEPT: Final = "text/plain, */*;q=0.5"


class Beginning(MemoryBody):
    """Keeps the first part of a robots.txt, and lets the rest pass."""

    def _keep(self, data: bytes) -> None:
        room = MOST - sum(map(len, self._chunks))
        if room > 0:
            super()._keep(data[:room])


class Gatekeeper:
    """The robots.txt files that one batch or page waits for.

    Two that meet a host at the same time both ask it: neither waits for the other,
    who may be long in coming back.
    """

    def __init__(self, common: Common, robots: Robots) -> None:
        self._common = common
        self._robots = robots
        self._asked: set[str] = set()
        self._downloads = Downloads(common, transfer=self._transfer, answer=_content)

    def __len__(self) -> int:
        return len(self._downloads)

    def judge(self, url: str) -> str | None:
        """Return why the URL may not be asked for; None: that is being found out."""
        server = root(url)
        verdict = self._robots.judge(_place(server), url)
        if verdict is None and server not in self._asked:
            self._asked.add(server)
            self._downloads.add(Request(server + PATH))
        return verdict

    def poll(self, timeout: float) -> None:
        for request, answer in self._downloads.poll(timeout):
            self._robots.learn(_place(root(request.url)), answer)

    def close(self) -> None:
        self._downloads.close()

    def _transfer(self) -> Transfer[Beginning]:
        limit = self._common.policy.max_bytes
        return self._common.transfer(Beginning(limit), limit=limit, accept=ACCEPT)


def gatekeeper(common: Common) -> Gatekeeper | None:
    """Return one if this Fetcher heeds robots.txt."""
    return None if common.robots is None else Gatekeeper(common, common.robots)


def _place(server: str) -> str:
    return CREDENTIALS.sub("", server).lower()


def _content(_: Request, transfer: Transfer[Beginning]) -> bytes:
    return transfer.answer.body.content()
