"""Encrypt the secrets of all sources anew, with the first key of SECRETS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harvests.models import AccessError, SourceAccess


class Command(BaseCommand):
    help = __doc__

    def handle(self, **_options: Any) -> None:
        problems = []
        rows = SourceAccess.objects.exclude(sealed="").select_related("source")
        for access in rows:
            try:
                access.reseal()
            except AccessError as error:
                problems.append(str(error))
        done = len(rows) - len(problems)
        noun = "source" if done == 1 else "sources"
        self.stdout.write(f"Encrypted the secrets of {done} {noun} anew.")
        if problems:
            raise CommandError("\n".join(problems))
