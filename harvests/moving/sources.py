"""The registry's harvests: our sources. Unpublished until their records are here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError

from harvests import conf, trail
from harvests.ledger import DatabaseLedger
from harvests.models import HarvestSource
from harvests.moving.organizations import Organizations
from harvests.moving.report import Report
from harvests.moving.values import Document, days, key_of, moment, text
from harvests.pipeline.sources import SOURCES

KIND: Final = "sources"
MOVING: Final = (
    "Its records are being moved in. Where import_registry was stopped, run it again."
)
ASKED_BY: Final = "import_registry"  # jobs that the registry remembers
_STATUSES: Final = ("ok", "fail")


@dataclass(slots=True)
class Incoming:
    """A source that takes the records of a harvest.

    `organization` is the name in the registry, hence of the folder there. `publish`
    is what is to become of the source at the end, None if it stays as it is.
    """

    source: HarvestSource
    organization: str
    publish: bool | None = None
    added: int = 0


class Sources:
    """Takes them; `homes` are those that are here, by the old id.

    `incoming` are those of them whose records are wanted, `harvested` the others.
    """

    def __init__(
        self, organizations: Organizations, report: Report, *, dry_run: bool
    ) -> None:
        self.incoming: dict[str, Incoming] = {}
        self.harvested: set[str] = set()
        self.homes: dict[str, HarvestSource] = {}
        self._organizations = organizations
        self._report = report
        self._dry_run = dry_run
        self._urls: dict[str, str] = {}

    def take(self, documents: Iterable[Document]) -> None:
        """Take all; of two with one URL, the one that is published."""
        for document in sorted(
            documents, key=lambda each: each.get("publish") is not True
        ):
            key, name = key_of(document), _name(document)
            why = self._obstacle(document)
            if why:
                self._report.leave(KIND, f"source “{name}” ({key})", why)
            else:
                self._urls[text(document["url"])] = name
                self._take(key, document)

    def finish(self) -> None:
        """Let the sources go: what was counted there is counted here."""
        for incoming in self.incoming.values():
            source = incoming.source
            if incoming.added:
                folder = conf.store().folder(source.organization_id)
                for _chunk in DatabaseLedger(source, folder).finish():
                    pass
                source.take_stock()
            if incoming.publish is not None:
                source.publish, source.last_message = incoming.publish, ""
                source.save(update_fields=["publish", "last_message"])

    def _obstacle(self, document: Document) -> str:
        """Say what keeps a harvest from being a source here, "" if nothing does."""
        url = text(document.get("url"))
        if url in self._urls:
            return f"“{self._urls[url]}” has the same URL, {url}."
        field = HarvestSource._meta.get_field("url")
        try:
            field.clean(url, HarvestSource())
        except ValidationError as error:
            return f"its URL cannot be harvested: {' '.join(error.messages)}"
        if not text(document.get("organization")):
            return "it names no organization: give it one in the registry."
        return ""

    def _take(self, key: str, document: Document) -> None:
        url = text(document["url"])
        here = HarvestSource.objects.filter(pk=key).first()
        same = HarvestSource.objects.filter(url=url).first()
        if here:
            self._found(key, here, document)
        elif same:
            why = f"“{same}” has its URL here already; that one stays as it is."
            self._report.leave(KIND, f"source “{_name(document)}” ({key})", why)
        elif trail.was_deleted(HarvestSource, object_id=key):
            why = "somebody deleted it here."
            self._report.leave(KIND, f"source “{_name(document)}” ({key})", why)
        else:
            self._add(key, document)

    def _found(self, key: str, source: HarvestSource, document: Document) -> None:
        """It stays as it is; but what an import that was stopped left is finished."""
        self._report.here[KIND] += 1
        self.homes[_key(document)] = source
        if source.jobs.exclude(requested_by=ASKED_BY).exists():
            self.harvested.add(_key(document))
            return
        publish = _publish(document) if source.last_message == MOVING else None
        organization = text(document["organization"])
        self.incoming[_key(document)] = Incoming(source, organization, publish)

    def _add(self, key: str, document: Document) -> None:
        name = text(document["organization"])
        organization = self._organizations.find_or_make(name)
        source = HarvestSource(
            id=key, organization=organization, last_message=MOVING, **_values(document)
        )
        self._tell_changes(source, document)
        if not self._dry_run:
            source.save(force_insert=True)
        self._report.taken[KIND] += 1
        publish = _publish(document)
        self.homes[_key(document)] = source
        self.incoming[_key(document)] = Incoming(source, name, publish)

    def _tell_changes(self, source: HarvestSource, document: Document) -> None:
        """Leave out what is not acceptable; say what is otherwise than it was."""
        told = [*_changes(document)]
        for field in ("harvest_contact", "ckan_harvest_url"):
            value = getattr(source, field)
            try:
                source._meta.get_field(field).clean(value, source)
            except ValidationError as error:
                setattr(source, field, "")
                told.append(f"“{value}” was left out ({' '.join(error.messages)})")
        if source.ckan_harvest_url and source.organization.ckan_harvest_url:
            told.append(
                f"its old CKAN source {source.ckan_harvest_url} was left out, for that "
                "of its organization counts"
            )
            source.ckan_harvest_url = ""
        for change in told:
            self._report.note(f"source “{source}”: {change}.")


def _changes(document: Document) -> Iterator[str]:
    interval = document.get("harvest_interval", 1)
    if days(interval) is None:
        yield f"its interval of {interval!r} days is 1 day now"
    if _kind(document) not in SOURCES:
        yield (
            f"it is not published, because no kind is called {_kind(document)}: "
            f"choose one of {', '.join(SOURCES)}"
        )
    if _is_going(document):
        yield (
            "it is not published, because the registry was deleting it: delete it "
            "here, or publish it"
        )


def _key(document: Document) -> str:
    return str(document.get("_id"))


def _name(document: Document) -> str:
    url = text(document.get("url"))
    return text(document.get("name"), 200) or url[:200] or "without a name"


def _kind(document: Document) -> str:
    return text(document.get("harvest_type"), 20).upper() or "WAF"


def _publish(document: Document) -> bool:
    """Tell whether it may be harvested; not if that is doubtful."""
    is_known = _kind(document) in SOURCES
    return _is_wanted(document) and is_known and not _is_going(document)


def _is_wanted(document: Document) -> bool:
    return document.get("publish") is True


def _is_going(document: Document) -> bool:
    return document.get("last_harvest_dt") == "deleting"


def _values(document: Document) -> dict[str, Any]:
    status = document.get("last_harvest_status")
    return {
        "name": _name(document),
        "url": text(document["url"]),
        "harvest_type": _kind(document),
        "ckan_harvest_url": text(document.get("ckan_harvest_url")),
        "harvest_contact": text(document.get("harvest_contact")),
        "harvest_interval": days(document.get("harvest_interval", 1)) or 1,
        "last_harvest_dt": moment(document.get("last_harvest_dt")),
        "last_harvest_status": status if status in _STATUSES else None,
    }
