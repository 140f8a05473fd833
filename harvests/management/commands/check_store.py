"""Compare the rows with the files of the central WAF; --fix mends the differences."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from harvests import audit


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="mend what differs")

    def handle(self, **options: Any) -> None:
        unmended = 0
        for difference in audit.check_store(fix=options["fix"]):
            unmended += not difference.mended
            done = f": {difference.mended}" if difference.mended else ""
            self.stdout.write(f"{difference.message}{done}.")
        if unmended:
            how = "mend these by hand" if options["fix"] else "run check_store --fix"
            raise CommandError(f"{unmended} files differ from their rows: {how}.")
        self.stdout.write(f"{settings.OUTPUT_DIR}: files and rows agree.")
