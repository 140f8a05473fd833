"""What is compared: commands, each run in a folder of its own, first and again."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = (sys.executable, str(ROOT / "manage.py"))
SOURCE = """
from harvests.models import HarvestSource, Organization
organization = Organization.objects.create(name="Bench")
HarvestSource.objects.create(
    name="Bench", url="{url}", organization=organization, harvest_type="{kind}"
)
"""
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Contender:
    """`first(url)` and `again(url)` are the commands; "" stands for "cannot".

    Files end up in `out`. `sample` is how many records it takes where all would
    take too long.
    """

    name: str
    first: Callable[[str], list[str]]
    again: Callable[[str], list[str]] | None
    out: str = "out"
    prepare: Callable[[Path, str, Mapping[str, str]], None] | None = None
    mongo_url: str = ""
    sample: int = 0

    def environment(self, folder: Path) -> dict[str, str]:
        """The settings of a site that lives in `folder`; others take no notice."""
        server, _, options = self.mongo_url.partition("/harvesting?")
        return {
            **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
            "SECRET_KEY": "only-for-the-bench-" + "0123456789abcdef" * 3,
            "MONGO_URL": f"{server}/{folder.name}?{options}" if server else "",
            "SQLITE_PATH": str(folder / "site.sqlite3"),
            "OUTPUT_DIR": str(folder / "out"),
            "ALLOW_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PYTHONPATH": str(ROOT),
        }


def site(mongo_url: str = "", kind: str = "WAF") -> Contender:
    """Our site: a registered source, rows and outcomes in the database."""

    def command(_url: str) -> list[str]:
        return [*MANAGE, "harvest", "--source", "Bench", "--json"]

    name = f"manage.py harvest --source ({'MongoDB' if mongo_url else 'SQLite'})"
    register = functools.partial(_register, kind=kind)
    return Contender(
        name, command, command, "out/Bench", prepare=register, mongo_url=mongo_url
    )


def one_off(kind: str = "WAF") -> Contender:
    """Our command without a database."""

    def command(url: str) -> list[str]:
        kinds = ["-t", kind.lower()]
        return [*MANAGE, "harvest", *kinds, "-s", url, "-d", "out", "--json"]

    return Contender("manage.py harvest -s URL -d FOLDER", command, command)


def bare() -> Contender:
    """The best client of DESIGN §4, with nothing around it."""

    def command(url: str) -> list[str]:
        return [sys.executable, "-m", "bench.bare", url]

    return Contender("bare libcurl loop (bench/bare.py)", command, None)


def script() -> Contender:
    """What a careful user would write."""

    def command(url: str) -> list[str]:
        return [sys.executable, "-m", "bench.script", url]

    name = "script: requests, 16 threads (bench/script.py)"
    return Contender(name, command, command)


def predecessor() -> Contender:
    """The predecessor's way, over a sample."""

    def command(url: str) -> list[str]:
        return [sys.executable, "-m", "bench.script", url, "--sample", str(SAMPLE)]

    name = f"predecessor's way, {SAMPLE} records (bench/script.py)"
    return Contender(name, command, None, sample=SAMPLE)


def owslib() -> Contender:
    """The predecessor's way to read a catalogue service, at its best."""

    def command(url: str) -> list[str]:
        return [sys.executable, "-m", "bench.owslib_script", url]

    name = "script: OWSLib, pages of 100 (bench/owslib_script.py)"
    return Contender(name, command, command)


def wget() -> Contender:
    """Copies, and does nothing else."""
    if not shutil.which("wget"):
        sys.exit("No wget here: sudo apt install wget")

    def first(url: str) -> list[str]:
        return ["wget", "-q", "-r", "-np", "-nd", "-A", "xml", "-P", "out", url]

    def again(url: str) -> list[str]:
        return [*first(url), "-N"]

    return Contender("wget -r (copies only)", first, again)


def _register(
    folder: Path, url: str, environment: Mapping[str, str], *, kind: str
) -> None:
    source = SOURCE.format(url=url, kind=kind)
    for arguments in (["migrate", "-v0"], ["shell", "-v0", "-c", source]):
        subprocess.run(
            [*MANAGE, *arguments], env=environment, check=True, capture_output=True
        )
