"""Queue the sources whose time has come, and mend jobs whose worker died.

The scheduler does this every minute (`rqcron harvests.cron`); for those who would
rather use the cron of their machine.
"""

from typing import Any

from django.core.management.base import BaseCommand

from harvests import upkeep


class Command(BaseCommand):
    help = __doc__

    def handle(self, **_options: Any) -> None:
        for job in upkeep.harvest_due():
            self.stdout.write(f"Queued {job.source}.")
