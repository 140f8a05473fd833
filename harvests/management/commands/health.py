"""Say whether a part of the site on this machine is well; exit status 1 if not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harvests import health


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=health.PARTS)

    def handle(self, **options: Any) -> None:
        try:
            health.PARTS[options["part"]]()
        except health.UnwellError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['part']}: well")
