"""Encrypt all secrets of sources and web hooks with the first key of SECRETS_KEY."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from harvests.models import AccessError, HookSecretError, SourceAccess, WebHook


class Command(BaseCommand):
    help = __doc__

    def handle(self, **_options: Any) -> None:
        rows = SourceAccess.objects.exclude(sealed="").select_related("source")
        problems = self._reseal(rows, "source")
        problems += self._reseal(WebHook.objects.exclude(sealed=""), "web hook")
        if problems:
            raise CommandError("\n".join(problems))

    def _reseal(self, rows: Iterable[Any], noun: str) -> list[str]:
        """Encrypt what can be read, say how many; return what is wrong with others."""
        done, problems = 0, []
        for row in rows:
            try:
                row.reseal()
            except (AccessError, HookSecretError) as error:
                problems.append(str(error))
            else:
                done += 1
        if done or noun == "source":
            what = noun if done == 1 else f"{noun}s"
            self.stdout.write(f"Encrypted the secrets of {done} {what} anew.")
        return problems
