"""Say whether CKAN lets us have it harvest; exit status 1 if not. Changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harvests import ckan


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "names",
            nargs="*",
            help="harvest sources in CKAN, by name or address (default: those set "
            "for organizations and sources)",
        )

    def handle(self, **options: Any) -> None:
        names = [ckan.name_of(name) for name in options["names"]] or ckan.all_names()
        verdicts = [ckan.check(name) for name in names or [""]]
        wrong = [verdict for verdict in verdicts if not verdict.is_well]
        for verdict in verdicts:
            if verdict.is_well:
                self.stdout.write(verdict.sentence)
        if wrong:
            told = dict.fromkeys(verdict.sentence for verdict in wrong)
            raise CommandError("\n".join(told))
