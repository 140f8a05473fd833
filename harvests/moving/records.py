"""The registry's records, chunk by chunk; those that are here stay as they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harvests import conf
from harvests.models import HarvestRecord
from harvests.moving.columns import Arriving, row_of
from harvests.moving.files import OldFiles, Wish
from harvests.moving.identity import place_of, url_of
from harvests.moving.names import Names
from harvests.moving.report import Report
from harvests.moving.sources import Incoming, Sources
from harvests.moving.values import Document, md5, text
from harvests.pipeline.seen import Seen
from harvests.pipeline.store import Folder, is_record_name

KIND: Final = "records"
CHUNK: Final = 1000
MALFORMED: Final = (
    "the registry has no address of it, because its XML was malformed. The next "
    "harvest says what is wrong with it."
)
TWICE: Final = "the registry has another record of that address."


class Records:
    """Takes them, with their files and names."""

    def __init__(
        self, sources: Sources, files: OldFiles, report: Report, *, dry_run: bool
    ) -> None:
        self._sources = sources
        self._files = files
        self._report = report
        self._dry_run = dry_run
        self._names = Names(dry_run=dry_run)
        self._met = Seen()
        self._homeless: Counter[str] = Counter()

    def take(self, chunk: Sequence[Document]) -> None:
        """Take some. Raises StoreError where a file cannot be written."""
        groups: dict[str, list[Document]] = {}
        for document in chunk:
            groups.setdefault(str(document.get("harvest_id")), []).append(document)
        for key, group in groups.items():
            incoming = self._sources.incoming.get(key)
            if incoming:
                self._take(incoming, group)
            elif key in self._sources.harvested:
                self._report.here[KIND] += len(group)
            else:
                self._homeless[key] += len(group)

    def finish(self) -> None:
        """Tell what was left with its source, and which files belong to no record."""
        for key, count in sorted(self._homeless.items()):
            what = f"{count:,} records of harvest {key}"
            self._report.leave(KIND, what, "that is not here.", count=count)
        for folder, names in self._files.strangers():
            for start in range(0, len(names), CHUNK):
                self._leave_strangers(folder, names[start : start + CHUNK])

    def close(self) -> None:
        self._names.close()
        self._met.close()

    def _leave_strangers(self, folder: str, names: list[str]) -> None:
        for organization in self._files.taken_to(folder):
            names = self._names.unclaimed(organization, names)
        for name in names:
            path = self._files.path_of(folder, name)
            why = "it belongs to no record that was taken."
            self._report.leave("files", f"file {path}", why)

    def _take(self, incoming: Incoming, group: Iterable[Document]) -> None:
        fresh = self._without_here(incoming, self._arriving(incoming, group))
        self._name(incoming, fresh)
        folder = self._folder(incoming)
        for record in fresh:
            self._adopt(incoming, record, folder)
        made = [row_of(record, incoming.source) for record in fresh]
        if folder is not None:
            folder.commit()
            HarvestRecord.objects.bulk_create(made, batch_size=CHUNK)
        self._report.taken[KIND] += len(made)
        incoming.added += len(made)

    def _folder(self, incoming: Incoming) -> Folder | None:
        """Return where the files go, None on a dry run."""
        name = incoming.source.organization_id
        return None if self._dry_run else conf.store().folder(name)

    def _arriving(
        self, incoming: Incoming, group: Iterable[Document]
    ) -> dict[str, Arriving]:
        """Return those that can be taken, by their URLs, each once."""
        found: dict[str, Arriving] = {}
        for document in group:
            url = url_of(document, incoming.source)
            folder, name = place_of(document)
            what = f"record {url or text(document.get('title'))} of “{incoming.source}”"
            if not url:
                self._report.leave(KIND, what, MALFORMED)
            elif url in found:
                self._report.leave(KIND, what, TWICE)
            else:
                found[url] = Arriving(document, url, folder, name)
        key = incoming.source.pk
        fresh = set(self._met.add([f"{key} {url}" for url in found]))
        for url in [url for url in found if f"{key} {url}" not in fresh]:
            del found[url]
            what = f"record {url} of “{incoming.source}”"
            self._report.leave(KIND, what, TWICE)
        return found

    def _without_here(
        self, incoming: Incoming, found: Mapping[str, Arriving]
    ) -> list[Arriving]:
        rows_ = HarvestRecord.objects.filter(
            source=incoming.source.pk, url__in=list(found)
        )
        here = set(rows_.values_list("url", flat=True))
        self._report.here[KIND] += len(here)
        return [record for url, record in found.items() if url not in here]

    def _name(self, incoming: Incoming, records: list[Arriving]) -> None:
        """Let each record keep its name, unless another one has it already."""
        wanted = {r.url: r.name for r in records if is_record_name(r.name)}
        granted = self._names.claim(incoming.source, wanted)
        for record in records:
            if record.url in granted or not record.name:
                continue
            why = "another record has it" if record.url in wanted else "it is unfit"
            self._report.note(
                f"record {record.url} loses the file name {record.name!r}: {why}. The "
                "next harvest publishes it under another."
            )
            record.name = ""

    def _adopt(
        self, incoming: Incoming, record: Arriving, folder: Folder | None
    ) -> None:
        if record.name:
            organization = incoming.source.organization_id
            places = (record.folder, incoming.organization, organization)
            folders = tuple(dict.fromkeys(place for place in places if place))
            digest = md5(record.document.get("hash_val"))
            wish = Wish(folders, record.name, digest)
            record.stored = self._files.adopt(wish, organization, folder)
