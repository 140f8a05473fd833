"""Answers questions about an installation's database: expressions in, JSON out.

A process of its own, because the test's process is tied to the test database.
"""

import json
import os
import sys
import traceback

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harvestsite.settings")
django.setup()

from django.core.serializers.json import DjangoJSONEncoder  # noqa: E402

from harvests import jobs, models  # noqa: E402
from harvests.notifications.events import send_soon  # noqa: E402


def main() -> None:
    scope = {**vars(models), "jobs": jobs, "send_soon": send_soon}
    for line in sys.stdin:
        expression, values = json.loads(line)
        try:
            answer = {"value": _plain(eval(expression, {**scope, **values}))}
        except Exception:  # noqa: BLE001 - the test shows it
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer, cls=DjangoJSONEncoder), flush=True)


def _plain(value: object) -> object:
    return [value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    main()
