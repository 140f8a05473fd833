"""Which harvest source in CKAN reads what a source of ours publishes."""

from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from harvests.models import HarvestRecord, HarvestSource, Organization


def name_of(written: str) -> str:
    """Return the name at the end of the address of a CKAN source; a name stays."""
    path = urlsplit(written.strip()).path if "://" in written else written.strip()
    return unquote(path.rstrip("/").rpartition("/")[2])[:200]


def name_for(source: HarvestSource) -> str:
    """Return the name of the CKAN source of a source, else of its organization.

    "" if it has none, or if this site asks no CKAN.
    """
    if not settings.CKAN_API:
        return ""
    own = source.ckan_harvest_url
    return name_of(own or source.organization.ckan_harvest_url)


def owner_of(written: str, organization: str) -> str:
    """Return which other organization has that CKAN source, itself or for a source.

    "" if none has. In CKAN, names are in small letters.
    """
    name = name_of(written).casefold()
    mine = HarvestSource.objects.exclude(ckan_harvest_url="")
    rows = [
        *mine.values_list("organization_id", "ckan_harvest_url"),
        *Organization.objects.values_list("name", "ckan_harvest_url"),
    ]
    owners = {owner for owner, url in rows if name_of(url).casefold() == name != ""}
    return min(owners - {organization}, default="")


def page_of(source: HarvestSource) -> str:
    """Return where CKAN shows the CKAN source of a source; "" if nobody can tell."""
    written = source.ckan_harvest_url or source.organization.ckan_harvest_url
    if written.startswith(("http://", "https://")):
        return written
    name = name_for(source)
    return f"{site()}/harvest/{quote(name)}" if name else ""


def all_names() -> list[str]:
    """Return the CKAN sources that sources of ours, or their organizations, name."""
    found = HarvestSource.objects.select_related("organization")
    return sorted({name_for(source) for source in found} - {""})


def place_of(url: str) -> str:
    """Return “folder/name” of a published file, by which its address ends.

    CKAN may read the central WAF under another host, scheme or spelling than ours.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    parts = PurePosixPath(unquote(path)).parts[-2:]
    return "/".join(parts) if len(parts) == 2 else ""


def place_in_waf(record: HarvestRecord) -> str:
    """Return “folder/name” of a record's file."""
    return f"{record.source.organization_id}/{record.file_name}"


def site() -> str:
    """Return the address of CKAN itself, whatever of its API CKAN_API names."""
    address = settings.CKAN_API.partition("?")[0].rstrip("/")
    for ending in ("/action", "/1", "/2", "/3", "/api"):
        address = address.removesuffix(ending)
    return address
