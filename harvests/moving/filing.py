"""The files of records on their way here: looked for, named, adopted."""

from collections.abc import Iterable, Sequence

from harvests import conf
from harvests.moving.columns import Arriving
from harvests.moving.files import (
    ABSENT,
    ForeignFileError,
    OldFiles,
    UnfitFileError,
    Wish,
)
from harvests.moving.names import Names
from harvests.moving.report import Report
from harvests.moving.sources import Incoming
from harvests.moving.values import md5, text
from harvests.pipeline.store import Folder, is_record_name


class Filing:
    """Gives records their old file names and files, as far as they can keep them."""

    def __init__(self, files: OldFiles, report: Report, *, dry_run: bool) -> None:
        self.names = Names(dry_run=dry_run)
        self.files = files
        self._report = report
        self._dry_run = dry_run

    def give_names(self, incoming: Incoming, records: Sequence[Arriving]) -> None:
        """Let each record keep its name, unless another one has it already."""
        for record in records:
            self._look(incoming, record)
        wanted = {record.url: record.name for record in records if record.name}
        granted = self.names.claim(incoming.source, wanted)
        for record in records:
            if record.url not in granted:
                self._lose_name(record, "another record has it")

    def adopt(self, incoming: Incoming, records: Iterable[Arriving]) -> None:
        """Have the files in our folder, on the disk. Raises StoreError."""
        organization = incoming.source.organization_id
        folder = self._folder(organization)
        for record in records:
            if record.name and record.found:
                record.stored = self.files.take(record.found, organization, folder)
        if folder is not None:
            folder.commit()

    def _folder(self, organization: str) -> Folder | None:
        return None if self._dry_run else conf.store().folder(organization)

    def _look(self, incoming: Incoming, record: Arriving) -> None:
        """Look for a record's file; one that holds another record loses the name."""
        if not is_record_name(record.name):
            self._lose_name(record, "it is unfit")
            return
        wish = _wish(incoming, record)
        try:
            record.found = self.files.look(wish)
        except ForeignFileError:
            self._lose_name(record, "that file holds another record")
        except UnfitFileError as error:
            self.files.leave(wish, str(error))
        else:
            if record.found is None:
                self.files.leave(wish, ABSENT)

    def _lose_name(self, record: Arriving, why: str) -> None:
        if record.name:
            self._report.note(
                f"record {record.url} loses the file name {record.name!r}: {why}. The "
                "next harvest publishes it under another."
            )
            record.name = ""


def _wish(incoming: Incoming, record: Arriving) -> Wish:
    organization = incoming.source.organization_id
    places = (record.folder, incoming.organization, organization)
    return Wish(
        folders=tuple(dict.fromkeys(place for place in places if place)),
        name=record.name,
        md5=md5(record.document.get("hash_val")),
        identifier=text(record.document.get("file_id")),
    )
