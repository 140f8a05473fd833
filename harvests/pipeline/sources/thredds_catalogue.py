"""Reads one THREDDS catalogue: its services, its datasets, what it refers to.

Elements and their meaning are those of the client catalogue specification 1.0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote_plus, urljoin, urlsplit

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources.crawl import Found, Further
from harvests.pipeline.sources.file_names import by_address
from harvests.pipeline.sources.listing_dates import read_date
from harvests.pipeline.sources.listing_links import is_within, joined
from harvests.pipeline.types import RemoteRecord

_MOST_ACCESSES: Final = 1000  # of one dataset; servers have about ten services


@dataclass(slots=True)
class Tally:
    """What catalogues held that is no record: datasets without an ISO service."""

    datasets: int = 0
    elsewhere: str = ""

    def complaint(self, root: str) -> str:
        """Say why there is no record at all."""
        if self.elsewhere:
            return (
                f"The ISO service of {root} is on another host ({self.elsewhere}), "
                "which is not asked: ask the provider to correct the service's base, "
                "or give the address of a catalogue on that host."
            )
        if self.datasets:
            return (
                f"{root} offers no ISO service for its {self.datasets:,} "
                f"dataset{'s' * (self.datasets > 1)}: ask the provider to enable ncISO "
                "in threddsConfig.xml (<NCISO><isoAllow>true</isoAllow></NCISO>) and "
                "to offer the service in the catalogue."
            )
        return f"{root} and its catalogues list no dataset."


class _Service(NamedTuple):
    base: str
    suffix: str


@dataclass(slots=True)
class _Dataset:
    """A dataset that was opened; `inherited` is what those below it get too."""

    identifier: str = ""
    path: str = ""
    service: str = ""
    inherited: str = ""
    modified: str = ""
    accesses: dict[tuple[str, str], None] = field(default_factory=dict)


class Catalogue:
    """Takes the elements of the catalogue at `url`; `found` is what they held."""

    def __init__(self, url: str, tally: Tally) -> None:
        self.found: list[Found] = []
        self._url = url
        self._host = urljoin(url, "/")
        self._tally = tally
        self._services: list[str] = []  # those that are open, by name
        self._iso: dict[str, _Service] = {}  # what each has of the ISO service
        self._datasets = [_Dataset()]
        self._passes_on: list[bool] = []  # of the <metadata> that are open
        self._date_type = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "service":
            self._open_service(attributes)
        elif name in {"dataset", "catalogRef"}:
            self._open_dataset(attributes)
            if name == "catalogRef":
                self._refer(attributes.get("href", ""))
        elif name == "metadata":
            self._passes_on.append(attributes.get("inherited") == "true")
        elif name == "access":
            self._note_access(attributes)
        elif name == "date":
            self._date_type = attributes.get("type", "")

    def end(self, name: str, text: str) -> None:
        if name == "service":
            self._services.pop()
        elif name in {"dataset", "catalogRef"}:
            self._close(self._datasets.pop())
        elif name == "metadata":
            self._passes_on.pop()
        elif name == "serviceName":
            self._name_service(text)
        elif name == "date" and self._date_type == "modified":
            self._datasets[-1].modified = text

    def _open_service(self, attributes: Mapping[str, str]) -> None:
        """Note an ISO service, also as that of the compounds around it."""
        self._services.append(attributes.get("name", ""))
        if attributes.get("serviceType", "").lower() == "iso":
            base = _joined(self._url, attributes.get("base", ""))
            service = _Service(base, attributes.get("suffix", ""))
            for name in self._services:
                self._iso.setdefault(name, service)

    def _open_dataset(self, attributes: Mapping[str, str]) -> None:
        above = self._datasets[-1].inherited
        self._datasets.append(
            _Dataset(
                identifier=attributes.get("ID", ""),
                path=attributes.get("urlPath", ""),
                service=attributes.get("serviceName", ""),
                inherited=above,
            )
        )

    def _note_access(self, attributes: Mapping[str, str]) -> None:
        """Keep a way to the dataset until that ends; endless ones would fill memory."""
        accesses = self._datasets[-1].accesses
        accesses[attributes.get("serviceName", ""), attributes.get("urlPath", "")] = (
            None
        )
        if len(accesses) > _MOST_ACCESSES:
            raise GatherError(
                f"{self._url} has a dataset with more than {_MOST_ACCESSES:,} <access> "
                "elements, which is too many to keep: ask its server's staff."
            )

    def _refer(self, href: str) -> None:
        url = _joined(self._url, href)
        if href and is_within(url, self._host):
            self.found.append(Further(url))

    def _name_service(self, name: str) -> None:
        dataset = self._datasets[-1]
        if any(self._passes_on):
            dataset.inherited = name
        else:
            dataset.service = name

    def _close(self, dataset: _Dataset) -> None:
        """Add the records of a dataset whose services are all known by now."""
        urls = dict.fromkeys(self._addresses(dataset))
        modified = read_date(dataset.modified) if dataset.modified else None
        for url in urls:
            if is_within(url, self._host):
                self.found.append(RemoteRecord(url, by_address(url), modified))
            else:
                self._tally.elsewhere = self._tally.elsewhere or url
        self._tally.datasets += not urls and bool(dataset.path or dataset.accesses)

    def _addresses(self, dataset: _Dataset) -> Iterator[str]:
        service = dataset.service or dataset.inherited
        for name, path in ((service, dataset.path), *dataset.accesses):
            if path and (iso := self._iso.get(name)):
                yield f"{iso.base}{path}{iso.suffix}{self._query(dataset)}"

    def _query(self, dataset: _Dataset) -> str:
        """Name catalogue and dataset, as the server's own pages do in their links.

        From these the service takes what the catalogue knows of the dataset.
        """
        if not dataset.identifier:
            return ""
        page = urlsplit(self._url)._replace(query="", fragment="").geturl()
        page = page.removesuffix(".xml") + ".html"
        return f"?catalog={_encoded(page)}&dataset={_encoded(dataset.identifier)}"


def _encoded(text: str) -> str:
    """Encode as Java does, in which the server is written: addresses name records."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def _joined(base: str, href: str) -> str:
    try:
        return joined(base, href)
    except ValueError:  # http://[half/an/address
        return ""
