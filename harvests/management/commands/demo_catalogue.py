"""Fill the database with many sources and records, to try out the site at its size."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo import catalogue
from harvests.models import HarvestSource


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sources", type=int, default=200, help="default 200")
        parser.add_argument("--records", type=int, default=100_000, help="of all")
        parser.add_argument(
            "--files", action="store_true", help="put them into the central WAF too"
        )
        parser.add_argument(
            "--beside", action="store_true", help="although there are sources already"
        )

    def handle(self, **options: Any) -> None:
        sources, records = options["sources"], options["records"]
        if sources < 1 or records < 0:
            raise CommandError("Give at least one source, and no negative number.")
        if HarvestSource.objects.exists() and not options["beside"]:
            raise CommandError(
                "There are sources in this database, and made-up ones would stand "
                "among them: set another SQLITE_PATH or MONGO_URL, or add --beside.",
                returncode=2,
            )
        done = catalogue.fill(sources, records, files=options["files"])
        for number, name in enumerate(done, start=1):
            self.stdout.write(f"{number} of {sources}: {name}")
