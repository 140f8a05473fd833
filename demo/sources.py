"""What every source does: list its folders, answer with its documents."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from demo.answers import Answer, Document, document, page, problem, redirect
from demo.datasets import numbered
from demo.listings import Entry, listing
from demo.records import modified


class Source:
    """A Web Accessible Folder: documents under names like "folder/file.xml"."""

    about = ""
    server = "Apache"
    actions: tuple[str, ...] = ()

    def names(self) -> Iterable[str]:
        raise NotImplementedError

    def document(self, name: str) -> Document | None:
        raise NotImplementedError

    def sentence(self) -> str:
        return self.about

    def does(self, action: str) -> bool:
        """Tell whether `act` knows this action."""
        return action in self.actions

    def act(self, action: str) -> None:
        """Run one of `actions`."""

    def answer(self, path: str, *, at: str) -> Answer:
        """`path` is inside the source, `at` is the whole path of the request."""
        if not path or path.endswith("/"):
            found = self._listing(path, at)
        else:
            found = self._file(path, at)
        return replace(found, headers={**found.headers, "Server": self.server})

    def entry(self, name: str) -> Entry:
        found = self.document(name)
        if found is None:
            return Entry(name, modified(numbered("missing", 1)), 0)
        return Entry(name, found.modified, len(found.body))

    def _file(self, name: str, at: str) -> Answer:
        found = self.document(name)
        if found is not None:
            return document(found)
        if self._has_folder(f"{name}/"):
            return redirect(quote(f"{at}/"), status=301)
        return problem(404)

    def _listing(self, folder: str, at: str) -> Answer:
        if not self._has_folder(folder):
            return problem(404)
        return page(listing(self.server, at, self._entries(folder)))

    def _has_folder(self, folder: str) -> bool:
        return any(name.startswith(folder) for name in self.names())

    def _entries(self, folder: str) -> Iterator[Entry]:
        seen = set()
        for name in self.names():
            inside = name.removeprefix(folder)
            if not name.startswith(folder):
                continue
            child, slash, _ = inside.partition("/")
            if not slash:
                yield self.entry(name)._replace(name=child)
            elif child not in seen:
                seen.add(child)
                yield Entry(f"{child}/", self.entry(name).modified)


class Closed(Source):
    """Answers everything with one status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def sentence(self) -> str:
        return f"{self.status} for everything: the job fails and nothing is removed."

    def answer(self, path: str, *, at: str) -> Answer:
        return problem(self.status)
