"""Register the demo provider's sources, and harvest two of them."""

from argparse import ArgumentParser
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from harvests import jobs
from harvests.models import WEB_URL, HarvestSource, JobAlreadyActiveError, Organization
from harvests.queueing import QueueError


class Demo(NamedTuple):
    """A source of the demo provider; published ones are harvested at once."""

    folder: str
    name: str
    publish: bool = False
    connections: int | None = None


DEMOS = (
    Demo("good", "Demo: good", publish=True),
    Demo("broken", "Demo: partly broken", publish=True),
    Demo("slow", "Demo: slow", connections=1),  # half a minute: time to cancel
    Demo("gone", "Demo: gone"),
    Demo("forbidden", "Demo: forbidden"),
    Demo("flaky", "Demo: flaky"),
    Demo("huge", "Demo: huge"),
    Demo("duplicates", "Demo: duplicates"),
    Demo("shrinking", "Demo: shrinking"),
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="where the demo provider answers")

    def handle(self, **options: Any) -> None:
        base = options["url"].rstrip("/") + "/"
        try:
            WEB_URL(base)
        except ValidationError as error:
            message = f"{options['url']} is not a web address."
            raise CommandError(message, returncode=2) from error
        organization, _new = Organization.objects.get_or_create(
            name="Demo", defaults={"description": "The bundled demo provider."}
        )
        for demo in DEMOS:
            source, new = HarvestSource.objects.get_or_create(
                organization=organization,
                name=demo.name,
                defaults={
                    "url": f"{base}{demo.folder}/",
                    "publish": demo.publish,
                    "connections": demo.connections,
                },
            )
            if source.url != f"{base}{demo.folder}/":  # another port than last time
                source.url = f"{base}{demo.folder}/"
                source.save(update_fields=["url"])
            if source.publish and new:
                self._harvest(source)

    def _harvest(self, source: HarvestSource) -> None:
        try:
            jobs.enqueue_harvest(source, requested_by="demo_sources")
        except JobAlreadyActiveError:
            return
        except QueueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Harvesting “{source}” …")
