"""How gunicorn serves the site; `gunicorn harvestsite.wsgi` reads it by itself."""

import os

import gunicorn.http.wsgi

# CKAN's WAF harvester reads the dates of a listing only if the Server header names
# nginx or Apache; without dates it fetches every record every time. gunicorn ignores
# a Server header from the application and has no option for its own.
gunicorn.http.wsgi.SERVER = "catalog-harvesting (nginx listing)"

bind = f"{os.environ.get('WEB_HOST', '127.0.0.1')}:{os.environ.get('WEB_PORT', 8000)}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", 2))
threads = 4
