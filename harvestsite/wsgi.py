"""What gunicorn runs. A wrong setting stops it here, with the reason."""

import os

import django
from django.core import checks
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harvestsite.settings")

django.setup()
problems = [p for p in checks.run_checks(tags=["settings"]) if p.is_serious()]
if problems:
    raise SystemExit("\n".join(str(problem) for problem in problems))

_ = get_resolver().url_patterns  # loads the pages, before the first request and fork
application = get_wsgi_application()
