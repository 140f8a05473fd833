"""Claims the old file names, so that the next harvest writes the same ones."""

from collections.abc import Mapping

from harvests.models import HarvestSource, PublishedName
from harvests.pipeline.seen import Seen


class Names:
    """Grants each name of a folder to one record, the first that asks.

    `seen` has what this run granted, where nothing is stored: on a dry run.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self._granted = Seen()

    def claim(self, source: HarvestSource, wanted: Mapping[str, str]) -> set[str]:
        """Reserve file names (url → name); return the URLs that got theirs."""
        folder = source.organization.name
        ids = {url: f"{folder}/{name}" for url, name in wanted.items()}
        first = {key: url for url, key in reversed(ids.items())}
        rows = PublishedName.objects.filter(pk__in=list(first))
        owners = {
            key: (owner, url)
            for key, owner, url in rows.values_list("pk", "source_id", "url")
        }
        fresh = self._granted.add([key for key in first if key not in owners])
        free = {key: first[key] for key in fresh}
        if not self._dry_run:
            PublishedName.objects.bulk_create(
                PublishedName(id=key, source=source, url=url)
                for key, url in free.items()
            )
        mine = {
            url for key, url in first.items() if owners.get(key) == (source.pk, url)
        }
        return mine | set(free.values())

    def unclaimed(self, folder: str, names: list[str]) -> list[str]:
        """Return those names of a folder that no record has."""
        ids = {f"{folder}/{name}": name for name in names}
        here = PublishedName.objects.filter(pk__in=list(ids))
        claimed = set(here.values_list("pk", flat=True))
        absent = self._granted.absent(list(ids))
        return [name for key, name in ids.items() if key in absent - claimed]

    def close(self) -> None:
        self._granted.close()
