"""The registry's records, chunk by chunk; those that are here stay as they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harvests import rows
from harvests.models import HarvestRecord
from harvests.moving.columns import FILE, Arriving, fill_in_file, row_of
from harvests.moving.files import OldFiles
from harvests.moving.filing import Filing
from harvests.moving.identity import place_of, url_of
from harvests.moving.report import Report
from harvests.moving.sources import Incoming, Sources
from harvests.moving.values import Document, text
from harvests.pipeline.seen import Seen

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
        self._filing = Filing(files, report, dry_run=dry_run)
        self._report = report
        self._dry_run = dry_run
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
        for folder, names in self._filing.files.strangers():
            for start in range(0, len(names), CHUNK):
                self._leave_strangers(folder, names[start : start + CHUNK])

    def close(self) -> None:
        self._filing.names.close()
        self._met.close()

    def _leave_strangers(self, folder: str, names: list[str]) -> None:
        for organization in self._filing.files.taken_to(folder):
            names = self._filing.names.unclaimed(organization, names)
        for name in names:
            path = self._filing.files.path_of(folder, name)
            why = "it belongs to no record that was taken."
            self._report.leave("files", f"file {path}", why)

    def _take(self, incoming: Incoming, group: Iterable[Document]) -> None:
        fresh = self._without_here(incoming, self._arriving(incoming, group))
        self._filing.give_names(incoming, fresh)
        self._filing.adopt(incoming, fresh)
        made = [row_of(record, incoming.source) for record in fresh]
        if not self._dry_run:
            HarvestRecord.objects.bulk_create(made, batch_size=CHUNK)
        self._report.taken[KIND] += len(made)
        incoming.added += len(made)

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
        """Return those that are new; those that are here may get their files now."""
        same = HarvestRecord.objects.filter(
            source=incoming.source.pk, url__in=list(found)
        )
        here = {row.url: row for row in same.only("url", "file_name", "sha256")}
        self._report.here[KIND] += len(here)
        lacking = [row for row in here.values() if row.file_name and not row.sha256]
        self._complete(incoming, {row.url: row for row in lacking}, found)
        return [record for url, record in found.items() if url not in here]

    def _complete(
        self,
        incoming: Incoming,
        lacking: Mapping[str, HarvestRecord],
        found: Mapping[str, Arriving],
    ) -> None:
        """Adopt what an earlier run did not find: --waf may have been forgotten."""
        records = [found[url] for url in lacking]
        self._filing.give_names(incoming, records)
        self._filing.adopt(incoming, records)
        changed = [record for record in records if record.stored]
        for record in changed:
            fill_in_file(lacking[record.url], record)
        if not self._dry_run:
            rows.write([lacking[record.url] for record in changed], FILE)
