"""Say whether parts of the site on this machine are well; exit status 1 if not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harvests import health


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parts", nargs="+", choices=health.PARTS)

    def handle(self, **options: Any) -> None:
        unwell: dict[str, list[str]] = {}
        for part in options["parts"]:
            try:
                health.PARTS[part]()
            except health.UnwellError as error:
                unwell.setdefault(str(error), []).append(part)
            else:
                self.stdout.write(f"{part}: well")
        if unwell:
            lines = [f"{', '.join(parts)}: {why}" for why, parts in unwell.items()]
            raise CommandError("\n".join(lines))
