"""Path → answer: the index page, the sources and their controls."""

import threading
from collections.abc import Mapping

from demo.answers import Answer, page, problem, redirect
from demo.broken import Broken
from demo.good import Good
from demo.index import index
from demo.series import Duplicates, Flaky, Huge, Shrinking, Slow
from demo.sources import Closed, Source


class Provider:
    """All sources and their state; each instance starts afresh."""

    def __init__(self, *, huge: int = 5000, delay: float = 0.7) -> None:
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self.sources: Mapping[str, Source] = {
            "good": Good(),
            "broken": Broken(),
            "slow": Slow(pause=lambda: self._closing.wait(delay)),
            "flaky": Flaky(),
            "huge": Huge(huge),
            "duplicates": Duplicates(),
            "shrinking": Shrinking(),
            "forbidden": Closed(403),
            "gone": Closed(404),
        }

    def get(self, path: str) -> Answer:
        """A GET changes nothing (but counts, in the flaky source)."""
        if path == "/":
            return page(index(self.sources))
        name, slash, rest = path.removeprefix("/").partition("/")
        source = self.sources.get(name)
        if source is None:
            return problem(404)
        if not slash:
            return redirect(f"/{name}/", status=301)
        return source.answer(rest, at=path)

    def post(self, path: str) -> Answer:
        """Run a control and send the browser back to the index page."""
        name, _, action = path.removeprefix("/").partition("/")
        source = self.sources.get(name)
        if source is None or not source.does(action):
            return problem(404)
        with self._lock:
            source.act(action)
        return redirect("/", status=303)

    def close(self) -> None:
        """End the pauses of slow answers."""
        self._closing.set()
