"""What robots.txt lets us ask for (RFC 9309), one per scheme, host and port.

Reads and remembers; does not fetch.
"""

import threading
from typing import Final

from protego import Protego

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.hosts import Hosts
from harvests.pipeline.fetching.urls import authority, shown
from harvests.pipeline.types import FetchPolicy

MOST: Final = 500 * 1024  # what RFC 9309, 2.5 asks to read; the rest does not count
MANY: Final = 1_000  # lines; of a longer one, nobody is told which forbids
PATH: Final = "/robots.txt"
PROBE: Final = "/is-this-line-for-us-2f1c7d0e94b84e6f8a35c9d7b1e06a42"
TOO_MANY: Final = 429


class Rules:
    """What one robots.txt says to `agent`."""

    def __init__(self, text: str, agent: str) -> None:
        self._agent = agent
        self._lines = text.splitlines()
        self._parsed = Protego.parse(text)
        self._alone: dict[int, Protego] = {}
        self._ours: dict[int, bool] = {}

    def forbids(self, url: str) -> bool:
        return not self._parsed.can_fetch(url, self._agent)

    @property
    def delay(self) -> float:
        """The seconds between two requests that it asks for."""
        delay = self._parsed.crawl_delay(self._agent) or 0.0
        rate = self._parsed.request_rate(self._agent)
        return max(delay, rate.seconds / rate.requests if rate else 0.0)

    def reason(self, url: str) -> str:
        """Return the line that forbids the URL: the longest that does."""
        if len(self._lines) > MANY:
            return f"one of its {len(self._lines):,} lines"
        forbidding = [line for line in range(len(self._lines)) if self._hits(line, url)]
        forbidding.sort(key=lambda line: len(self._value(line)), reverse=True)
        for line in filter(self._is_ours, forbidding):
            return f"Disallow: {self._value(line)}"
        return "Disallow"  # spelled in a way that only the parser knows

    def _value(self, line: int) -> str:
        name, _, value = self._lines[line].partition("#")[0].partition(":")
        return value.strip() if name.strip().lower() == "disallow" else ""

    def _hits(self, line: int, url: str) -> bool:
        if line not in self._alone:
            alone = f"User-agent: *\nDisallow: {self._value(line)}"
            self._alone[line] = Protego.parse(alone)
        return not self._alone[line].can_fetch(url, "*")

    def _is_ours(self, line: int) -> bool:
        """Say whether the line is in the group that we go by: does it matter to us?"""
        if line not in self._ours:
            allowed = self._allows_probe(line, "Allow")
            self._ours[line] = allowed is not self._allows_probe(line, "Disallow")
        return self._ours[line]

    def _allows_probe(self, line: int, word: str) -> bool:
        lines = [*self._lines]
        lines[line] = f"{word}: {PROBE}"
        return Protego.parse("\n".join(lines)).can_fetch(PROBE, self._agent)


class Robots:
    """The rules of all hosts of one Fetcher, by the URL of their root; any thread."""

    def __init__(self, policy: FetchPolicy, hosts: Hosts) -> None:
        self._hosts = hosts
        self._most = policy.max_crawl_delay
        self.agent = policy.user_agent.partition("/")[0].partition(" ")[0]
        self._known: dict[str, Rules | str] = {}
        self._lock = threading.Lock()

    def judge(self, place: str, url: str) -> str | None:
        """Return why the URL may not be asked for; None: the host is to be asked."""
        rules = self._known.get(place)
        if rules is None or isinstance(rules, str):
            return rules
        if not rules.forbids(url):
            return ""
        host = authority(place)
        return (
            f"robots.txt of {host} forbids {shown(url)} to {self.agent} (rule: "
            f"{rules.reason(url)}); ask the provider to allow it, or switch robots "
            "off for this source"
        )

    def learn(self, place: str, answer: bytes | FetchError) -> None:
        """Take what came of asking a host for its robots.txt."""
        host = authority(place)
        if isinstance(answer, FetchError) and not _says_none(answer.status):
            why = str(answer).partition(answer.url)[2].removeprefix(": ").strip()
            known: Rules | str = (
                f"robots.txt of {host} could not be read ({why}); try again later, or "
                "switch robots off for this source"
            )
        else:
            body = b"" if isinstance(answer, FetchError) else answer
            known = Rules(_text(body), self.agent)
            health = self._hosts.health(host)
            health.delay = max(health.delay, min(known.delay, self._most))
        with self._lock:
            self._known.setdefault(place, known)


def _says_none(status: int) -> bool:
    """Say whether a status means that there are no rules (RFC 9309, 2.3.1.3)."""
    return 200 <= status < 500 and status != TOO_MANY


def _text(body: bytes) -> str:
    if len(body) >= MOST:
        body = body[:MOST].rpartition(b"\n")[0]  # half a rule may forbid too much
    return body.decode("utf-8-sig", "replace")
