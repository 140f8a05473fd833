"""Measures and prints tables: `python -m bench [first|again|memory|csw|pages|all]`."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import contenders, pages, report
from bench.contenders import ROOT, Contender
from bench.measuring import Run, run
from bench.provider import free_port, served, wait_for

Runs = dict[str, list[Run]]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="harvesting-bench-", dir=options.dir) as at:
        folder = Path(at)
        folder.chmod(0o755)
        _spread(folder)
        with _mongodb(folder, wanted=options.mongo) as mongo_url:
            if options.what in ("first", "again", "all"):
                _speed(folder, options, mongo_url)
            if options.what in ("csw", "all"):
                _csw(folder, options, mongo_url)
            if options.what in ("memory", "all"):
                _memory(folder, options, mongo_url)
            if options.what in ("pages", "all"):
                kinds = dict.fromkeys(("", mongo_url))
                pages.run(folder, list(kinds), options.sources, options.catalogue)


def _spread(folder: Path) -> None:
    """Let ext4 put each folder in here into a block group of its own.

    Where files were deleted a minute ago, it takes 0.6 ms to make one, not 0.02. For
    the same reason nothing is deleted before the end.
    """
    subprocess.run(["chattr", "+T", str(folder)], check=False, capture_output=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    what = ("first", "again", "memory", "csw", "pages", "all")
    parser.add_argument("what", nargs="?", choices=what, default="all")
    parser.add_argument("--records", type=int, default=5000, help="default 5000")
    parser.add_argument("--many", type=int, default=50_000, help="default 50000")
    parser.add_argument("--sources", type=int, default=200, help="of pages: 200")
    parser.add_argument("--catalogue", type=int, default=100_000, help="of pages")
    parser.add_argument(
        "--runs", type=int, default=3, help="after a warm-up; default 3"
    )
    parser.add_argument("--mongo", action="store_true", help="on MongoDB too")
    parser.add_argument("--only", default="", help="those whose name matches")
    parser.add_argument("--dir", help="where to make the temporary folder")
    return parser.parse_args()


def _speed(folder: Path, options: argparse.Namespace, mongo_url: str) -> None:
    chosen = _contenders(options, mongo_url)
    samples = {c.name: c.sample for c in chosen if c.sample}
    with _provider(folder, options.records) as url:
        first, again = _in_turns(chosen, folder, options, url)
    report.speed("First harvest", first, options.records, samples)
    report.speed("Again, nothing changed", again, options.records, samples)


def _csw(folder: Path, options: argparse.Namespace, mongo_url: str) -> None:
    chosen = [
        *_ours(options, mongo_url, "CSW"),
        *_matching(options, contenders.owslib()),
    ]
    with _catalogue(folder, options.records) as url:
        first, again = _in_turns(chosen, folder, options, url)
    report.speed("CSW, first harvest", first, options.records, {})
    report.speed("CSW, nothing changed", again, options.records, {})


def _in_turns(
    chosen: list[Contender], folder: Path, options: argparse.Namespace, url: str
) -> tuple[Runs, Runs]:
    """What else the machine does hits all alike. The first turn is lost."""
    first: Runs = {}
    again: Runs = {}
    for turn in range(options.runs + 1):
        for contender in chosen:
            with _home(folder, contender, url) as home:
                measured = _harvest(contender, home, url, options.records)
                _keep(first, contender, measured, turn)
                if contender.again and options.what != "first":
                    measured = run(
                        contender.again(url), home, contender.environment(home)
                    )
                    _keep(again, contender, measured, turn)
    return first, again


def _memory(folder: Path, options: argparse.Namespace, mongo_url: str) -> None:
    peaks: dict[str, dict[int, tuple[Run, Run]]] = {}
    for count in (options.records, options.many):
        with _provider(folder, count) as url:
            for contender in _ours(options, mongo_url):
                with _home(folder, contender, url) as home:
                    before = _harvest(contender, home, url, count)
                    after = run(contender.again(url), home, contender.environment(home))
                    peaks.setdefault(contender.name, {})[count] = (before, after)
    report.memory(peaks)


def _ours(
    options: argparse.Namespace, mongo_url: str, kind: str = "WAF"
) -> list[Contender]:
    sites = [contenders.site(url, kind) for url in dict.fromkeys(("", mongo_url))]
    return _matching(options, *sites, contenders.one_off(kind))


def _matching(options: argparse.Namespace, *chosen: Contender) -> list[Contender]:
    return [c for c in chosen if re.search(options.only, c.name)]


def _contenders(options: argparse.Namespace, mongo_url: str) -> list[Contender]:
    others = _matching(
        options,
        contenders.bare(),
        contenders.wget(),
        contenders.script(),
        contenders.predecessor(),
    )
    return [*_ours(options, mongo_url), *others]


def _records(folder: Path, count: int) -> Path:
    """Return a folder of records; another process writes them: this one stays small."""
    records = folder / f"records-{count}"
    if not records.exists():
        command = [sys.executable, "-m", "bench.records", str(records), str(count)]
        subprocess.run(command, cwd=ROOT, check=True)
    return records


@contextmanager
def _provider(folder: Path, count: int) -> Iterator[str]:
    state = Path(tempfile.mkdtemp(prefix="nginx", dir=folder))
    with served(_records(folder, count), state) as url:
        yield url


@contextmanager
def _catalogue(folder: Path, count: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "bench.catalogue"]
    process = subprocess.Popen(
        [*command, str(_records(folder, count)), str(port)], cwd=ROOT
    )
    try:
        wait_for(url := f"http://127.0.0.1:{port}/csw")
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _mongodb(folder: Path, *, wanted: bool) -> Iterator[str]:
    if not wanted or os.environ.get("MONGO_URL"):
        yield os.environ.get("MONGO_URL", "") if wanted else ""
        return
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
    from harvests.embedded import stop_process
    from tests.services import start_mongod

    (folder / "mongo").mkdir()
    process, url = start_mongod(folder / "mongo", lasting=True)
    try:
        yield url
    finally:
        stop_process(process)


@contextmanager
def _home(folder: Path, contender: Contender, url: str) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="bench", dir=folder))
    if contender.prepare:
        contender.prepare(home, url, contender.environment(home))
    yield home


def _harvest(contender: Contender, home: Path, url: str, count: int) -> Run:
    measured = run(contender.first(url), home, contender.environment(home))
    written = len(list((home / contender.out).glob("*.xml")))
    expected = contender.sample or count
    if written != expected:
        sys.exit(f"{contender.name} wrote {written} of {expected}: {measured.told}")
    return measured


def _keep(runs: Runs, contender: Contender, measured: Run, turn: int) -> None:
    if turn:
        runs.setdefault(contender.name, []).append(measured)
    print(f"  {contender.name}: {measured.wall:.2f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
