"""How gunicorn serves the site; `gunicorn harvestsite.wsgi` reads it by itself."""

import gc
import os
import sys
from pathlib import Path

import environ
import gunicorn.http.wsgi

# CKAN's WAF harvester reads the dates of a listing only if the Server header names
# nginx or Apache; without dates it fetches every record every time. gunicorn ignores
# a Server header from the application and has no option for its own.
gunicorn.http.wsgi.SERVER = "catalog-harvesting (nginx listing)"

environ.Env.read_env(Path(__file__).parent / ".env")

try:
    workers = int(os.environ.get("WEB_PROCESSES") or 2)
except ValueError:
    sys.exit("WEB_PROCESSES: expected a whole number, 1 or more.")
bind = (
    f"{os.environ.get('WEB_HOST') or '127.0.0.1'}:{os.environ.get('WEB_PORT') or 8000}"
)
worker_class = "gthread"
threads = 4
# Seconds; docker stop kills after ten. A worker that is told to stop while it starts
# does not hear it (seen with 27.0.1) and is waited for as long.
graceful_timeout = 7
# The settings are checked once, before any worker: with a wrong one gunicorn ends,
# where it would start workers that end again and again.
preload_app = True
# It would be one socket in the home directory for all gunicorns of a user.
control_socket_disable = True


# What is loaded at the start stays: as in manage.py, no garbage is looked for in it
gc.disable()


def pre_fork(_server: object, _worker: object) -> None:
    """Let garbage be looked for again, but not in what is loaded by now."""
    gc.freeze()
    gc.enable()
