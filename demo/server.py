"""The provider on a port: `with start() as provider: provider.url("good")`."""

import threading
from collections import Counter
from types import TracebackType
from typing import Self
from urllib.parse import quote

from demo.httpd import Server
from demo.provider import Provider


class DemoProvider:
    """A running provider. Closing it ends its thread and every connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    @property
    def answered(self) -> Counter[tuple[str, int]]:
        """How often each path got each status: `answered["/good/", 200]`."""
        with self._server.lock:
            return self._server.answered.copy()

    def url(self, path: str = "") -> str:
        """The address of a source (`"good"`) or of a path below (`"good/a.xml"`)."""
        host, port = self._server.server_address[:2]
        folder = f"{path}/" if path in self._server.provider.sources else path
        return f"http://{host!s}:{port}/{quote(folder)}"

    def close(self) -> None:
        self._server.provider.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def start(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    huge: int = 5000,
    delay: float = 0.7,
    verbose: bool = False,
) -> DemoProvider:
    """Serve in a thread; port 0 takes a free one. Raises OSError if it cannot."""
    provider = Provider(huge=huge, delay=delay)
    return DemoProvider(Server((host, port), provider, verbose=verbose))
