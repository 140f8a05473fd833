"""Show what an address would yield, or a source's next harvest would change.

Nothing is stored. The kind is detected where none is given.
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from harvests import reports
from harvests.management.commands.harvest import KINDS, Failed, Usage
from harvests.models import HarvestSource
from harvests.pipeline.errors import DetectionError, HarvestError
from harvests.pipeline.preview import SECONDS, Preview
from harvests.previews import preview_url

EPILOG = """
Exit status: 0 shown, 1 nothing there or not readable (the reason is on standard
error), 2 bad usage.
"""


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ["settings"]

    def create_parser(self, *args: Any, **kwargs: Any) -> ArgumentParser:
        kwargs["epilog"] = EPILOG
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", default="", help="what to look at")
        parser.add_argument(
            "-t", "--type", type=str.lower, choices=KINDS, default="", dest="kind"
        )
        parser.add_argument(
            "--source",
            metavar="NAME|ID",
            help="with the access, patterns and records of this source",
        )
        parser.add_argument(
            "--seconds",
            type=float,
            default=SECONDS,
            help=f"how long it may take (default {SECONDS:g})",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        if not 1 <= options["seconds"] <= 3600:
            raise Usage("--seconds must be from 1 to 3600.")
        if not options["url"] and not options["source"]:
            raise Usage("Give a URL, or --source NAME|ID.")
        try:
            preview = preview_url(
                options["url"],
                kind=KINDS.get(options["kind"], ""),
                source=_source(options["source"]),
                seconds=options["seconds"],
            )
        except DetectionError as error:
            self._tell_tried(error, as_json=options["json"])
            raise (Failed if error.tried else Usage)(str(error)) from error
        except HarvestError as error:
            raise Failed(str(error)) from error
        self._show(preview, as_json=options["json"])
        if preview.problem and not preview.found:
            raise Failed(preview.problem)

    def _show(self, preview: Preview, *, as_json: bool) -> None:
        if as_json:
            self._print(reports.as_dict(preview))
            return
        for line in reports.lines(preview):
            self.stdout.write(line)

    def _tell_tried(self, error: DetectionError, *, as_json: bool) -> None:
        if as_json:
            tried = reports.plain_tried(error.tried)
            self._print({"problem": str(error), "tried": tried})
            return
        for line in reports.tried(error.tried):
            self.stdout.write(line)

    def _print(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False))


def _source(name_or_id: str | None) -> HarvestSource | None:
    if not name_or_id:
        return None
    try:
        sources = HarvestSource.objects.select_related("organization")
        return sources.named(name_or_id)
    except HarvestSource.DoesNotExist as error:
        raise Usage(f"There is no source {name_or_id!r}.") from error
    except HarvestSource.MultipleObjectsReturned as error:
        raise Usage(
            f"Several sources are named {name_or_id!r}: give the id."
        ) from error
