"""The order in which a registry moves in."""

from contextlib import closing

from harvests.moving.attempts import Attempts
from harvests.moving.files import OldFiles
from harvests.moving.organizations import Organizations
from harvests.moving.people import People
from harvests.moving.records import Records
from harvests.moving.registry import Registry
from harvests.moving.report import Report
from harvests.moving.sources import Sources


def move_in(
    registry: Registry, files: OldFiles, report: Report, *, dry_run: bool
) -> None:
    """Take what is not here yet; on a dry run, only say so.

    Raises RegistryError where the registry goes away, and StoreError where a file
    cannot be written: what was taken by then stays, and another run goes on.
    """
    for name in registry.missing:
        report.note(f"the registry has no collection {name}: there is none to take.")
    organizations = Organizations(report, dry_run=dry_run)
    organizations.take(registry.all("Organizations"))
    People(organizations, report, dry_run=dry_run).take(registry.all("users"))
    sources = Sources(organizations, report, dry_run=dry_run)
    sources.take(registry.all("Harvests"))
    with closing(Records(sources, files, report, dry_run=dry_run)) as records:
        for chunk in registry.records():
            records.take(chunk)
        records.finish()
    attempts = Attempts(sources, report, dry_run=dry_run)
    for chunk in registry.attempts():
        attempts.take(chunk)
    attempts.finish()
    if not dry_run:
        sources.finish()
