"""Make an API token for somebody, and print it once; or revoke one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from harvests import accounts, tokens
from harvests.models import ApiToken, TokenScope


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name or e-mail address")
        parser.add_argument("--name", default="made by command", help="what it is for")
        parser.add_argument("--write", action="store_true", help="it may write too")
        parser.add_argument(
            "--days", type=int, default=tokens.DAYS, help="good for (default: a year)"
        )
        parser.add_argument(
            "--revoke", metavar="START", help="revoke theirs that begins so instead"
        )

    @sensitive_variables("text")
    def handle(self, **options: Any) -> None:
        user = accounts.find(options["user"])
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        if options["revoke"] is not None:
            self._revoke(user, options["revoke"])
            return
        if not 1 <= options["days"] <= tokens.LONGEST:
            raise CommandError(f"--days must be from 1 to {tokens.LONGEST:,}.")
        scope = TokenScope.WRITE if options["write"] else TokenScope.READ
        wish = {"name": options["name"][:100], "scope": scope, "days": options["days"]}
        _token, text = tokens.make_noted(user, by=user, **wish)
        self.stdout.write(text)

    def _revoke(self, user: Any, start: str) -> None:
        mine = ApiToken.objects.filter(user=user, revoked=None)
        found = [each for each in mine if start.startswith(each.prefix)]
        if not found:
            raise CommandError(f"{user} has no good token that begins with {start!r}.")
        for token in found:
            tokens.revoke(token, by=user)
            self.stdout.write(f"Revoked “{token.name}” ({token.prefix}…).")
