"""Real web servers that list a folder, each as its makers made it to list.

`with serving("caddy", folder, work) as url:`. A server that is not installed is an
error that says what to do: `tests/tools.sh` brings them all.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harvests.embedded import free_port, stop_process
from tests.folders import served, wait_until_answered

NODE_MODULES = Path(__file__).resolve().parent.parent / ".venv" / "node"
APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {work}/apache2.pid
ErrorLog {work}/apache2.log
{user}
{modules}
TypesConfig /dev/null
DocumentRoot {root}
<Directory {root}>
  Options Indexes
  IndexOptions {options}
  IndexIgnore .??*
  Require all granted
</Directory>
"""
MODULES = ("mpm_event", "authz_core", "autoindex", "dir", "mime")
LIGHTTPD = """
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{work}/lighttpd.log"
server.modules = ( "mod_dirlisting" )
dir-listing.activate = "enable"
dir-listing.encoding = "utf-8"
mimetype.assign = ( ".xml" => "text/xml" )
"""


def apache(options: str) -> Callable[[Path, Path, int], list[str]]:
    """Return an Apache that lists with these options, as Debian hides dotfiles."""

    def command(root: Path, work: Path, port: int) -> list[str]:
        folder = "/usr/lib/apache2/modules"
        modules = "\n".join(
            f"LoadModule {name}_module {folder}/mod_{name}.so" for name in MODULES
        )
        user = "User www-data\nGroup www-data" if os.getuid() == 0 else ""
        text = APACHE.format(
            root=root, work=work, port=port, modules=modules, user=user, options=options
        )
        return [
            *(_found("apache2"), "-DFOREGROUND", "-d", str(work)),
            *("-f", _written(work / "apache2.conf", text)),
        ]

    return command


def lighttpd(root: Path, work: Path, port: int) -> list[str]:
    text = LIGHTTPD.format(root=root, work=work, port=port)
    return [_found("lighttpd"), "-D", "-f", _written(work / "lighttpd.conf", text)]


def caddy(root: Path, work: Path, port: int) -> list[str]:
    place = ("--listen", f"127.0.0.1:{port}", "--root", str(root))
    return [_found("caddy"), "file-server", "--browse", *place]


def python(root: Path, work: Path, port: int) -> list[str]:
    place = ("--bind", "127.0.0.1", "--directory", str(root), str(port))
    return [sys.executable, "-m", "http.server", *place]


def node(root: Path, work: Path, port: int) -> list[str]:
    server = NODE_MODULES / "node_modules/http-server/bin/http-server"
    if not server.exists():
        raise RuntimeError(f"{server} is missing: run sh tests/tools.sh.")
    place = ("-a", "127.0.0.1", "-p", str(port), "-c-1", "-s")
    return [_found("node"), str(server), str(root), *place]


COMMANDS = {
    "apache2": apache("FancyIndexing HTMLTable NameWidth=*"),
    "apache2 with cut names": apache("FancyIndexing"),
    "apache2 with a plain list": apache("None"),
    "lighttpd": lighttpd,
    "caddy": caddy,
    "python": python,
    "node": node,
}
SERVERS = ("nginx", *COMMANDS)
SHOW_HIDDEN = {"caddy", "python", "node"}


@contextmanager
def serving(name: str, root: Path, work: Path) -> Iterator[str]:
    """Serve `root` by a server, whose own files go to `work`; give the URL."""
    if name == "nginx":
        with served(root, work) as url:
            yield url
        return
    port = free_port()
    with (work / "output.log").open("wb") as log:
        process = subprocess.Popen(
            COMMANDS[name](root, work, port),
            env={**os.environ, "HOME": str(work), "XDG_DATA_HOME": str(work)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_answered(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        stop_process(process)


def _found(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise RuntimeError(f"{program} is not installed: run sh tests/tools.sh.")
    return found


def _written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)
