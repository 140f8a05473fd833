"""Bring removed records back from the trash."""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from harvests import ckan, oneoff, trash
from harvests.models import HarvestSource, TrashedRecord
from harvests.pipeline.errors import StoreError
from harvests.pipeline.file_ledger import Trashed

NOTHING: Final = "There is nothing to restore."


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "records", nargs="*", help="record URLs or file names (default: all)"
        )
        parser.add_argument("--source", metavar="NAME|ID", help="of this source only")
        parser.add_argument("--list", action="store_true", help="only show the trash")
        parser.add_argument(
            "-d", "--dest", metavar="FOLDER", help="a folder of `harvest -d FOLDER`"
        )

    def handle(self, **options: Any) -> None:
        if options["dest"] is not None:
            self._in_folder(options)
            return
        if not (options["records"] or options["source"] or options["list"]):
            raise CommandError(
                "Name the records, or give --source or --list.", returncode=2
            )
        items = self._wanted(options)
        if options["list"]:
            self._list(
                f"{item.removed_at:%Y-%m-%d %H:%M}  {item.source}  {item.file_name}  "
                f"{item.url}  {item.title}"
                for item in items
            )
            return
        self._restore(items)

    def _list(self, lines: Iterable[str]) -> None:
        self.stdout.write("\n".join(lines) or "The trash is empty.")

    def _wanted(self, options: dict[str, Any]) -> list[TrashedRecord]:
        items = TrashedRecord.objects.select_related("source__organization")
        if options["source"]:
            try:
                source = HarvestSource.objects.named(options["source"])
            except HarvestSource.DoesNotExist as error:
                message = f"There is no source {options['source']!r}."
                raise CommandError(message, returncode=2) from error
            except HarvestSource.MultipleObjectsReturned as error:
                message = f"Several sources are named {options['source']!r}: "
                raise CommandError(f"{message}give the id.", returncode=2) from error
            items = items.filter(source=source)
        named = set(options["records"])
        found = [i for i in items if not named or {i.url, i.file_name} & named]
        missing = named - {i.url for i in found} - {i.file_name for i in found}
        if missing:
            raise CommandError(f"Not in the trash: {', '.join(sorted(missing))}.")
        return found

    def _restore(self, items: list[TrashedRecord]) -> None:
        if not items:
            self.stdout.write(NOTHING)
        problems = []
        for item in items:
            try:
                record = trash.restore(item)
            except StoreError as error:
                problems.append(str(error))
            else:
                self.stdout.write(f"Restored {record.file_name} ({record.url}).")
                ckan.tell(record.source)
        if problems:
            raise CommandError("\n".join(problems))

    def _in_folder(self, options: dict[str, Any]) -> None:
        if options["source"]:
            message = "-d FOLDER has no registered sources: leave out --source."
            raise CommandError(message, returncode=2)
        folder, names = Path(options["dest"]), options["records"]
        try:
            if options["list"]:
                self._list(
                    f"{_minute(item)}  {item.name}  {item.url}"
                    for item in oneoff.trashed(folder, names)
                )
                return
            found = oneoff.restore(folder, names)
        except StoreError as error:
            raise CommandError(str(error)) from error
        self._tell_restored(folder, found)

    def _tell_restored(self, folder: Path, found: list[oneoff.Restored]) -> None:
        if not found:
            self.stdout.write(NOTHING)
        for item in found:
            if not item.problem:
                self.stdout.write(f"Restored {folder / item.name}{_older(item.older)}.")
        problems = [item.problem for item in found if item.problem]
        if problems:
            raise CommandError("\n".join(problems))


def _older(count: int) -> str:
    """Say that more files of that name were removed than came back."""
    return f", the newest of {count + 1}: the others stay in the trash" * bool(count)


def _minute(item: Trashed) -> str:
    return f"{dt.datetime.fromisoformat(item.removed_at):%Y-%m-%d %H:%M}"
