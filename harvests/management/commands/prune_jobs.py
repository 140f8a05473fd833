"""Forget old jobs, and what has been in the trash for TRASH_DAYS."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from harvests import trash, upkeep

MOST = 36_500


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=settings.JOB_HISTORY_DAYS,
            help="keep the jobs of so many days (default: JOB_HISTORY_DAYS); the "
            "last one of each source stays in any case",
        )

    def handle(self, **options: Any) -> None:
        if not 0 <= options["days"] <= MOST:
            message = f"--days must be 0 or more, and at most {MOST}."
            raise CommandError(message, returncode=2)
        before = timezone.now() - dt.timedelta(days=options["days"])
        count = upkeep.prune_jobs(before)
        emptied = trash.empty_old()
        self.stdout.write(f"Forgot {count} jobs and {emptied} removed records.")
