"""What changed in the central WAF lately, as an Atom feed.

What is gone has a tombstone there (RFC 6721).
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from harvests.models import HarvestJob, HarvestOutcome, TrashedRecord
from harvests.pipeline.types import Result
from harvests.published import CHANGED_STORE, root_url, sources_of, url_of

MOST: Final = 200  # entries
LATELY: Final = dt.timedelta(days=90)
SHOWN: Final = (Result.ADDED, Result.CHANGED)
TITLE: Final = 500  # characters
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return _NO_XML.sub("", text)


def as_atom(organization: str = "") -> str:
    """Return the feed of an organization's records, or of all; newest first."""
    folder = url_of(organization) if organization else root_url()
    feed = _Changes(
        title=f"Changes of {organization or 'the central WAF'}",
        link=folder,
        feed_url=f"{folder}changes.atom",
        description="",
        subtitle="Records that the latest harvests added, changed or removed.",
        author_name="Catalog Harvesting",
    )
    entries = [*_written(organization), *_removed(organization)]
    for entry in sorted(entries, key=lambda e: e["updateddate"], reverse=True)[:MOST]:
        feed.add_item(description="", **entry)
    return feed.writeString("utf-8")


def _written(organization: str) -> Iterator[dict[str, Any]]:
    """Yield what the latest jobs added or changed, of each file the last."""
    seen: set[str] = set()
    for job in _jobs(organization):
        outcomes = job.outcomes.filter(outcome__in=SHOWN).exclude(file_name="")
        for outcome in outcomes.order_by("outcome")[: MOST - len(seen)]:
            entry = _entry(job, outcome)
            if entry["link"] not in seen:
                seen.add(entry["link"])
                yield entry
        if len(seen) >= MOST:
            return


def _jobs(organization: str) -> list[HarvestJob]:
    jobs = HarvestJob.objects.filter(CHANGED_STORE).exclude(finished=None)
    jobs = jobs.filter(date__gt=timezone.now() - LATELY)
    if organization:
        jobs = jobs.filter(source__in=sources_of(organization))
    return list(jobs.order_by("-date").prefetch_related("source")[:MOST])


def _entry(job: HarvestJob, outcome: HarvestOutcome) -> dict[str, Any]:
    url = url_of(job.source.organization_id, outcome.file_name)
    title = xml_text(outcome.title[:TITLE]) or outcome.file_name
    return {
        "title": title,
        "link": url,
        "unique_id": url,
        "updateddate": job.finished,
        "categories": [outcome.outcome],
        "via": outcome.url,
    }


def _removed(organization: str) -> Iterator[dict[str, Any]]:
    items = TrashedRecord.objects.exclude(file_name="").defer("row")
    if organization:
        items = items.filter(source__in=sources_of(organization))
    for item in items.order_by("-removed_at").prefetch_related("source")[:MOST]:
        url = url_of(item.source.organization_id, item.file_name)
        when = item.removed_at
        yield {"title": "", "link": url, "updateddate": when, "removed": True}


class Feed(Atom1Feed):
    """One that is XML whatever texts it is given: what XML cannot hold is left out."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**_clean(given))

    def add_item(self, **given: Any) -> None:
        super().add_item(**_clean(given))


def _clean(given: Any) -> Any:
    """Return a value, or those of a dict or list, with all texts fit for XML."""
    if isinstance(given, str):
        return xml_text(given)
    if isinstance(given, dict):
        return {name: _clean(value) for name, value in given.items()}
    return [_clean(each) for each in given] if isinstance(given, list) else given


class _Changes(Feed):
    """With entries for what is gone, and links to where the others came from."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:at": TOMBSTONES}

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=EPOCH)

    def write_items(self, handler: SimplerXMLGenerator) -> None:
        for item in self.items:
            if item.get("removed"):
                when = rfc3339_date(item["updateddate"])
                gone = {"ref": item["link"], "when": when}
                handler.addQuickElement("at:deleted-entry", attrs=gone)
                continue
            handler.startElement("entry", self.item_attributes(item))
            self.add_item_elements(handler, item)
            handler.endElement("entry")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: Any) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("link", attrs={"rel": "via", "href": item["via"]})
