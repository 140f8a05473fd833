"""A real nginx on loopback that serves a folder as a listing, as providers do."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
{user}
daemon off; worker_processes 1; pid {state}/pid; error_log {state}/errors;
events {{ worker_connections 512; }}
http {{
    types {{ text/xml xml; }}
    access_log off; sendfile on; keepalive_timeout 65;
    client_body_temp_path {state}/b; proxy_temp_path {state}/p;
    fastcgi_temp_path {state}/f; uwsgi_temp_path {state}/u; scgi_temp_path {state}/s;
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        autoindex on; autoindex_exact_size on;
    }}
}}
"""


@contextmanager
def served(folder: Path, state: Path) -> Iterator[str]:
    """Serve `folder`; yield its URL. `state` is where nginx keeps its own files."""
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(user=user, state=state, folder=folder, port=port)
    (state / "nginx.conf").write_text(text)
    process = subprocess.Popen(
        [_binary(), "-p", str(state), "-e", str(state / "errors")]
        + ["-c", str(state / "nginx.conf")]
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(f"{url}record-000000.xml")
        yield url
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binary() -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return shutil.which("nginx", path=path) or sys.exit(
        "No nginx here: sudo apt install nginx-light"
    )


def wait_for(url: str) -> None:
    for _attempt in range(1200):  # a minute, for a busy machine
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"{url} does not answer")
