"""A Dockerfile's steps, done in a folder and a virtual environment: no engine here."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.checkout import clean_environment

INSIDE = re.compile(r"(?<![\w.])/(?=(?:app|data)\b)")


def steps(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions and what follows them, continued lines joined."""
    lines = [
        line
        for line in dockerfile.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = [line.partition(" ") for line in joined.splitlines()]
    return [(word, rest.strip()) for word, _, rest in pairs]


def build_context(folder: Path) -> list[str]:
    """The files that .dockerignore lets through; the last pattern that fits decides."""
    text = (folder / ".dockerignore").read_text(encoding="utf-8")
    patterns = [line for line in text.splitlines() if line and not line.startswith("#")]
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(str(path) for path in files if _sent(path, patterns))


def _sent(path: Path, patterns: list[str]) -> bool:
    sent = True
    for pattern in patterns:
        if _fits(path, pattern.removeprefix("!")):
            sent = pattern.startswith("!")
    return sent


def _fits(path: Path, pattern: str) -> bool:
    """A pattern fits a path or a folder above it; `**/` stands for any folders."""
    anywhere = pattern.startswith("**/")
    pattern = pattern.removeprefix("**/")
    above = [path, *path.parents[:-1]]
    if anywhere:
        return any(fnmatch.fnmatchcase(p.name, pattern) for p in above)
    return any(fnmatch.fnmatchcase(str(p), pattern) for p in above)


class Image:
    """What a build leaves in `root`, and how to run something in it."""

    def __init__(self, context: Path, root: Path) -> None:
        self.context, self.root = context, root
        self.venv = root / "venv"
        subprocess.run([sys.executable, "-m", "venv", self.venv], check=True)
        path = f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.env = clean_environment(PATH=path)
        self.workdir = root
        self.user, self.base = "root", ""
        self.command: list[str] = []
        self.health: list[str] = []

    def build(self) -> "Image":
        for word, rest in steps(self.context / "Dockerfile"):
            getattr(self, f"do_{word.lower()}")(rest)
        return self

    def do_from(self, rest: str) -> None:
        self.base = rest

    def do_env(self, rest: str) -> None:
        pairs = dict(word.split("=", 1) for word in shlex.split(rest))
        self.env |= {name: self.inside(value) for name, value in pairs.items()}

    def do_workdir(self, rest: str) -> None:
        self.workdir = Path(self.inside(rest))
        self.workdir.mkdir(parents=True, exist_ok=True)

    def do_copy(self, rest: str) -> None:
        wanted = shlex.split(rest)[0].removeprefix("./")
        for name in build_context(self.context):
            if wanted in (".", name):
                (self.workdir / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self.context / name, self.workdir / name)

    def do_run(self, rest: str) -> None:
        if os.getuid() != 0:  # only root gives files away
            rest = rest.replace("-o 10001 -g 10001", "")
        self.run("sh", "-c", self.inside(rest))

    def do_user(self, rest: str) -> None:
        self.user = rest

    def do_expose(self, rest: str) -> None:
        self.port = int(rest)

    def do_healthcheck(self, rest: str) -> None:
        self.health = shlex.split(rest.partition("CMD ")[2])

    def do_cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def inside(self, text: str) -> str:
        return INSIDE.sub(f"{self.root}/", text)

    def run(self, *command: str, **env: str) -> str:
        """Run to the end in the image; return what it printed."""
        more = {**env, "PIP_NO_CACHE_DIR": "0", "PIP_COMPILE": "0"}  # cheaper
        done = subprocess.run(
            command,
            cwd=self.workdir,
            env=self.env | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self, **env: str) -> subprocess.Popen[bytes]:
        """Start what a container of it runs."""
        with (self.root / "container.log").open("wb") as log:
            return subprocess.Popen(
                [
                    shutil.which(self.command[0], path=self.env["PATH"]) or "",
                    *self.command[1:],
                ],
                cwd=self.workdir,
                env=self.env | env,
                stdout=log,
                stderr=log,
            )
