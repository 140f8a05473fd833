"""The values that travel through the pipeline. They hold; they do not act."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO


class Stage(StrEnum):
    """The five stages of a record's way, in order."""

    GATHER = "gather"
    FETCH = "fetch"
    READ = "read"
    VALIDATE = "validate"
    STORE = "store"


class Severity(StrEnum):
    """An error breaks the schema or a downstream catalogue; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Result(StrEnum):
    """What one job did to one record."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    HELD = "held"
    FAILED = "failed"


class Parcel:
    """A value that goes to another process: pickled in half a dataclass's time."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])


@dataclass(frozen=True, slots=True)
class Finding(Parcel):
    """One thing that validation says.

    `rule` is a stable id ("xsd", "title-missing"), `line` counts from 1 in the
    document as fetched (None if unknown), `xpath` is absolute with the usual
    prefixes, "" if unknown.
    """

    rule: str
    severity: Severity
    message: str
    line: int | None = None
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class RemoteRecord(Parcel):
    """One record that a gather function found.

    `name` is the file name the record asks for in the store. `modified` is the
    listing's date, naive because listings carry no time zone; `size` its size in
    bytes, None where the listing rounds it or gives none. `body` is the document
    where the source sends it along (CSW): it is not fetched then. `problem` says why
    a record that is there cannot be had. `address` is where it is, if not at `url`,
    by which it is known.
    """

    url: str
    name: str
    modified: dt.datetime | None = None
    size: int | None = None
    body: bytes | None = None
    problem: str = ""
    address: str = ""

    @property
    def place(self) -> str:
        return self.address or self.url


@dataclass(frozen=True, slots=True)
class GatherLimits:
    """Where gathering stops: folder levels below the source, pages, records."""

    depth: int = 2
    pages: int = 10_000
    records: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Access:
    """How a source lets us in.

    `username` and `password` (HTTP Basic), `token` (bearer) and `headers` are sent to
    the scheme, host and port of `url` only, or to its https where `url` is http.
    `proxy` is a URL; `ca_certificates` are PEM texts, trusted beside the usual ones.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str = field(default="", repr=False)
    verify_tls: bool = True
    ca_certificates: str = ""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What `Fetcher` may do. Times in seconds, sizes in bytes.

    `delay` lies between the starts of two requests to one host. `robots`: whether
    robots.txt is asked and obeyed; a crawl-delay counts up to `max_crawl_delay`.
    `allow_networks` are CIDRs of non-public addresses that may be dialled.
    """

    user_agent: str = "CatalogHarvesting"
    connect_timeout: float = 15
    idle_timeout: float = 30
    total_timeout: float = 300
    max_bytes: int = 20_000_000
    max_listing_bytes: int = 500_000_000
    max_redirects: int = 5
    connections_per_host: int = 8
    retries: int = 2
    backoff: float = 0.5
    max_retry_after: float = 60
    allow_networks: tuple[str, ...] = ()
    delay: float = 0
    robots: bool = False
    max_crawl_delay: float = 10
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One document to fetch; `etag` and `last_modified` make it conditional.

    With `data`, an XML document, it is a POST.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Response(Parcel):
    """One answer with status 200 or 304; `url` is where redirects ended."""

    url: str
    status: int
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(slots=True)
class Page:
    """A listing page; `file` is open at its start, `url` is where redirects ended.

    `server` is what the server calls itself, "" if it does not say.
    """

    url: str
    content_type: str
    file: IO[bytes]
    server: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a page, by which a kind of source recognises its own.

    `root` is the XML root's Clark name ("{namespace}name"), "" if it is not XML.
    """

    url: str
    content_type: str
    server: str
    head: bytes
    root: str = ""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A kind of source knows the page: why, and the address to register.

    `software` is what the page says of the program that made it, "" if nothing.
    """

    reason: str
    url: str
    software: str = ""


@dataclass(frozen=True, slots=True)
class Box(Parcel):
    """A geographic bounding box in decimal degrees."""

    west: float
    east: float
    south: float
    north: float


@dataclass(frozen=True, slots=True)
class Contact(Parcel):
    """A responsible party; any field may be ""."""

    name: str = ""
    organization: str = ""
    email: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Link(Parcel):
    """A CI_OnlineResource; any field but `url` may be ""."""

    url: str
    name: str = ""
    protocol: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Service(Parcel):
    """A service that the record offers, in the registry's words."""

    service_type: str
    service_url: str


@dataclass(frozen=True, slots=True)
class Metadata(Parcel):
    """What we tell of a record. Texts are stripped, "" where absent.

    `date_stamp` is as written (gco:Date or gco:DateTime); `time_start` and
    `time_end` likewise; `root` is "MD_Metadata" or "MI_Metadata".
    """

    root: str = "MD_Metadata"
    identifier: str = ""
    title: str = ""
    abstract: str = ""
    date_stamp: str = ""
    boxes: tuple[Box, ...] = ()
    time_start: str = ""
    time_end: str = ""
    keywords: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class Known(Parcel):
    """A record as the last run left it. `name` is "" while it was never stored.

    `revision` is the `PIPELINE_REVISION` that read it; `mtime` (ns) is that of its
    file when it was stored: a file with another one is not what we know of.
    `missing_since` is set
    while a complete listing lacked it; `restored` after a person brought it back
    or decided that it stays.
    """

    url: str
    name: str = ""
    hash_val: str = ""
    etag: str = ""
    last_modified: str = ""
    date_stamp: str = ""
    revision: str = ""
    has_errors: bool = False
    missing_since: dt.datetime | None = None
    restored: bool = False
    mtime: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of a source are wanted; all of them by default.

    `include` and `exclude` are shell patterns (* ? [...]) for a record's last path
    part, or for its whole URL if they hold a slash. `cql` and `box` are for
    catalogue services, which select on their side.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cql: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What records are held to.

    `schema`: the XSD; `rules`: what catalogues need (titles, dates, extents, links);
    `ckan`: what CKAN alone refuses or overlooks (prefix, dates, file names).
    Without `publish_errors`, a record that has an error is not published.
    """

    schema: bool = True
    rules: bool = True
    publish_errors: bool = True
    ckan: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """One run over one source.

    `removal_percent` is the share of published records that may go in one run (and
    at least five); `allow_removals` lifts that limit, `stale_after` lifts it for
    records that have been missing so long; neither touches what is kept by hand.
    `force` reads every document again.
    """

    kind: str
    url: str
    limits: GatherLimits = field(default_factory=GatherLimits)
    selection: Selection = field(default_factory=Selection)
    profile: Profile = field(default_factory=Profile)
    removal_percent: float = 20
    allow_removals: bool = False
    stale_after: dt.timedelta | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Outcome(Parcel):
    """What this run did to one record.

    `metadata` is None where the document was not read (unchanged, removed, held,
    most failures; not where it was read and has errors that keep it from being
    published). `stage` and `message` say why for failed and held.
    """

    result: Result
    url: str
    name: str = ""
    stage: Stage | None = None
    message: str = ""
    metadata: Metadata | None = None
    findings: tuple[Finding, ...] = ()
    hash_val: str = ""
    sha256: str = ""
    size: int = 0
    mtime: int = 0
    etag: str = ""
    last_modified: str = ""
    listed: dt.datetime | None = None
    with_errors: bool = False
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the run stands; yielded at least every half second."""

    stage: Stage
    discovered: int = 0
    counts: Mapping[Result, int] = field(default_factory=dict)
