"""Move a catalog-harvest-registry in: organizations, sources, records, files, users.

What is here already stays as it is; run it again to go on, or to take what is new.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import IntegrityError

from harvests.management.commands.harvest import Failed, Usage
from harvests.moving.files import FilesError, OldFiles
from harvests.moving.move import move_in
from harvests.moving.registry import RegistryError, RegistryURLError, open_registry
from harvests.moving.report import Report
from harvests.pipeline.errors import StoreError

EPILOG = """
Exit status: 0 done (what was left has its line), 1 failed (the reason is on standard
error; what was taken is kept), 2 bad usage. docs/moving-in.md has all the steps.
"""

_SENTENCES: Final = {
    IntegrityError: "A harvest or another import ran meanwhile: what was taken is "
    "kept. Stop the workers, and run this again.",
    KeyboardInterrupt: "Interrupted: what was taken is kept. Run this again to go on.",
}


class Command(BaseCommand):
    help = __doc__

    def create_parser(self, *args: Any, **kwargs: Any) -> ArgumentParser:
        kwargs["epilog"] = EPILOG
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "url", metavar="MONGODB_URL", help="the registry's own MONGO_URL"
        )
        parser.add_argument(
            "--waf",
            type=Path,
            metavar="FOLDER",
            help="the old central WAF, whose files are copied to OUTPUT_DIR "
            "(default: OUTPUT_DIR itself, whose files stay where they are)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be taken"
        )

    def handle(self, **options: Any) -> None:
        report = Report(self.stdout.write)
        dry_run = options["dry_run"]
        try:
            files = OldFiles(options["waf"], report)
            with open_registry(options["url"]) as registry:
                move_in(registry, files, report, dry_run=dry_run)
        except (FilesError, RegistryURLError) as error:
            raise Usage(str(error)) from error
        except (RegistryError, StoreError, IntegrityError, KeyboardInterrupt) as error:
            if report:
                self._sum_up(report, dry_run=dry_run)
            raise Failed(_SENTENCES.get(type(error), str(error))) from error
        self._sum_up(report, dry_run=dry_run)

    def _sum_up(self, report: Report, *, dry_run: bool) -> None:
        for line in report.lines():
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")
