"""A real pycsw with records of ours or of the corpus.

`filled(work, records)` makes a catalogue; `catalogue.running(page_size=7)` serves it.
"""

import hashlib
import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from harvests.embedded import free_port, stop_process
from tests import folders

BIN = Path(__file__).resolve().parents[1] / ".venv" / "pycsw" / "bin"
CONFIG = Path(__file__).parent / "data" / "csw" / "pycsw.cfg"
GMD = "{http://www.isotc211.org/2005/gmd}"
GCO = "{http://www.isotc211.org/2005/gco}"
IDENTIFIER = f"{GMD}fileIdentifier/{GCO}CharacterString"
ROOTS = ("MD_Metadata", "MI_Metadata")
GMI = b'xmlns:gmi="http://www.isotc211.org/2005/gmi" '
ODD = ("../../x", "C:\\x", "/etc/passwd", "a/b", "10.5072/" + "z" * 300, "Ä ö+#?%")
# Well-formed records of the corpus that pycsw 2.6.2 cannot load
TOO_MUCH_FOR_PYCSW = {
    "my-dataset-001",
    "982b6e7d-61f5-43b3-983d-ebae8bc3892d",
    "97d343c5-d026-4f07-8a6c-79f9329b6c21",
    "9e1ea778-d0ce-4b49-90b7-37bc0e448300",
}


class Catalogue:
    """One pycsw and its records; it may be started, killed and started again."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/csw"
        self._process: subprocess.Popen[bytes] | None = None

    def load(self, folder: Path) -> None:
        """Put the records of the folder into an empty catalogue."""
        config = self._config(page_size=10)
        _admin("setup_db", config)
        _admin("load_records", config, "-p", str(folder))

    def start(self, *, page_size: int) -> None:
        config = self._config(page_size)
        serve = [
            *(str(BIN / "waitress-serve"), f"--listen=127.0.0.1:{self.port}"),
            "pycsw.wsgi:application",
        ]
        env = {**os.environ, "PYCSW_CONFIG": str(config), "PYTHONWARNINGS": "ignore"}
        with (self.work / "waitress.log").open("ab") as log:
            self._process = subprocess.Popen(serve, env=env, stdout=log, stderr=log)
        folders.wait_until_answered(self.url)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @contextmanager
    def running(self, *, page_size: int = 100) -> Iterator[str]:
        """Serve pages of that many records at most; give the URL."""
        try:
            self.start(page_size=page_size)
            yield self.url
        finally:
            if self._process is not None:
                stop_process(self._process)

    def _config(self, page_size: int) -> Path:
        text = CONFIG.read_text()
        path = self.work / "pycsw.cfg"
        values = {"home": self.work, "url": self.url, "page_size": page_size}
        path.write_text(text.format_map(_Known(values)))
        return path


class _Known(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def filled(work: Path, records: Mapping[str, bytes]) -> Catalogue:
    """A catalogue in the folder `work` that holds the records, by identifier."""
    folder = work / "records"
    folder.mkdir(parents=True)
    for identifier, body in records.items():
        name = hashlib.sha1(identifier.encode()).hexdigest()
        (folder / f"{name}.xml").write_bytes(body)
    catalogue = Catalogue(work)
    catalogue.load(folder)
    return catalogue


def three_hundred(corpus: Path) -> dict[str, bytes]:
    """Records of ours, and those of the corpus that pycsw takes, by identifier.

    Copies under other identifiers fill up.
    """
    found = own_records()
    for path in sorted(corpus.glob("iso/*/*.xml")):
        identifier = identifier_of(path.read_bytes())
        if identifier and identifier not in TOO_MUCH_FOR_PYCSW:
            found.setdefault(identifier, path.read_bytes())
    originals = sorted(found.values(), key=lambda body: b"MI_Metadata" not in body)
    copied = zip(range(300 - len(found)), itertools.cycle(originals), strict=False)
    for number, body in copied:
        found[f"copy-{number}"] = renamed(body, f"copy-{number}")
    return found


def own_records() -> dict[str, bytes]:
    """Records whose identifiers are no file names, two of them of MI_Metadata."""
    found = {name: folders.record(name, title="Sea") for name in ODD}
    for name in ODD[:2]:
        body = found[name].replace(b"gmd:MD_Metadata", b"gmi:MI_Metadata")
        found[name] = body.replace(b"xmlns:gco", GMI + b"xmlns:gco", 1)
    return found


def identifier_of(body: bytes) -> str:
    """The identifier of an ISO record, "" of anything else."""
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return ""
    if etree.QName(root).localname not in ROOTS:
        return ""
    return (root.findtext(IDENTIFIER) or "").strip()


def renamed(body: bytes, identifier: str) -> bytes:
    root = etree.fromstring(body)
    root.find(IDENTIFIER).text = identifier
    return etree.tostring(root, encoding="UTF-8")


def _admin(command: str, config: Path, *more: str) -> None:
    """Run pycsw-admin; raise RuntimeError that says what to do if it is not there."""
    admin = BIN / "pycsw-admin.py"
    if not admin.exists():
        raise RuntimeError(
            "The tests need pycsw in .venv/pycsw: `make .venv/.tools`, with Python "
            "3.11 or 3.12 (PYTHON=python3.12), because pycsw 2.6.2 knows no newer one."
        )
    done = subprocess.run(
        [str(BIN / "python"), str(admin), "-c", command, "-f", str(config), *more],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(
            f"pycsw-admin {command} failed; it needs Python 3.11 or 3.12: "
            f"{done.stderr.decode()[-2000:]}"
        )
