"""What the API tells: the schemas of its answers.

The names are those of the site's forms and of the registry's documents.
"""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ProblemShown(BaseModel):
    """RFC 9457: what went wrong, and what to do."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    instance: str = Field(description="The address that was asked.")
    errors: list[dict[str, str]] = Field(
        [], description="Each with `detail`, and the `pointer` (body) or `parameter`."
    )


class Me(BaseModel):
    """Who you are to the API."""

    user: str
    is_admin: bool
    organizations: list[str] = Field(description="Whose sources you may change.")
    token: str | None = Field(description="Name of the token; null for a session.")
    scope: Literal["read", "write"]


class Organization(Shown):
    """Owns sources; its name is that of its folder in the central WAF."""

    id: str
    name: str
    description: str
    url: str
    logo_url: str
    ckan_harvest_url: str


class SourceInList(BaseModel):
    """A URL that is harvested, and how it went last time."""

    id: str
    name: str
    url: str
    organization: str
    harvest_type: str
    publish: bool = Field(description="Harvested on schedule.")
    state: str = Field(description="ok, held, failing, never, queued, harvesting …")
    reason: str = Field(description="Why, in a sentence; empty if all is well.")
    active_job: str | None = Field(description="Its queued or running job.")
    last_harvest_dt: dt.datetime | None
    last_harvest_status: str | None = Field(description="ok, fail; null before.")
    last_record_count: int
    last_good_count: int
    last_bad_count: int
    held_count: int
    next_harvest_dt: dt.datetime | None = Field(
        description="Null if it is not published, or due at once."
    )


class AccessShown(BaseModel):
    """How the source lets us in; secrets go in and never come out."""

    username: str
    proxy: str
    verify_tls: bool
    has_ca_certificates: bool
    secrets: list[str] = Field(description="Names of the secrets that are stored.")


class Source(SourceInList):
    """A source with all its settings. Null numbers stand for the site's setting."""

    harvest_contact: str
    harvest_interval: float
    cron: str
    time_zone: str
    include: str
    exclude: str
    cql: str
    bbox: str
    connections: int | None
    delay: float
    timeout: float | None
    idle_timeout: float | None
    robots: bool
    user_agent: str
    check_schema: bool
    check_rules: bool
    publish_with_errors: bool
    max_depth: int
    removal_limit: int
    access: AccessShown
    warnings: list[str]


class Job(Shown):
    """One run over one source: queued, running, then finished, failed or cancelled."""

    id: str
    source: str = Field(validation_alias="source_id")
    status: Literal["queued", "running", "finished", "failed", "cancelled"]
    stage: str = Field(description="gather, fetch …; empty before it runs.")
    message: str = Field(description="Why it failed or was cancelled.")
    requested_by: str
    cancel_requested: bool
    force: bool
    allow_removals: bool
    date: dt.datetime = Field(description="When it was queued.")
    started: dt.datetime | None
    finished: dt.datetime | None
    num_records: int = Field(description="Records found so far.")
    added: int
    changed: int
    unchanged: int
    removed: int
    held: int
    failed: int
    with_errors: int


class Outcome(Shown):
    """What a job did to one record, where that was not “unchanged”."""

    id: str
    url: str
    outcome: str
    stage: str
    message: str
    title: str
    file_name: str


class Failure(BaseModel):
    model_config = ConfigDict(extra="allow")

    stage: str = ""
    message: str = ""


class RecordInList(Shown):
    """One metadata document as it stands now."""

    id: str
    source: str = Field(validation_alias="source_id")
    url: str = Field(description="Where the provider has it.")
    title: str
    file_id: str | None = Field(description="Its identifier.")
    metadata_date: str | None
    record_url: str | None = Field(description="Where we publish it.")
    file_name: str
    sha256: str
    size: int
    update_time: dt.datetime
    error_count: int
    warning_count: int
    failure: Failure | None
    missing_since: dt.datetime | None = Field(
        description="Since when its source does not list it: its removal is held."
    )


class RecordFinding(BaseModel):
    """What validation says."""

    rule: str = ""
    severity: str = ""
    line_number: int | str = Field("?", description="In the document as fetched.")
    error: str = ""
    xpath: str = ""


class Service(BaseModel):
    model_config = ConfigDict(extra="allow")

    service_type: str | None = None
    service_url: str | None = None


class Record(RecordInList):
    """A record with what was read from it and what is wrong with it."""

    description: str
    services: list[Service]
    details: dict[str, Any] = Field(description="Boxes, times, contacts, links …")
    findings: list[RecordFinding]


class Finding(Shown):
    """One problem of a source's records, however many have it."""

    id: str
    source: str = Field(validation_alias="source_id")
    problem: str = Field(description="The same in all sources; filters /records.")
    rule: str
    severity: str
    message: str
    records: int
    findings: int
    since: dt.datetime
    gone: dt.datetime | None = Field(description="Since when no record has it.")


class Page(BaseModel):
    next_cursor: str | None = Field(description="Null on the last page.")


class Organizations(Page):
    items: list[Organization]


class Sources(Page):
    items: list[SourceInList]


class Jobs(Page):
    items: list[Job]


class Outcomes(Page):
    items: list[Outcome]


class Records(Page):
    items: list[RecordInList]


class Findings(Page):
    items: list[Finding]


class Deleting(BaseModel):
    """The deletion is queued; the source is gone when it answers 404."""

    detail: str


class Checked(BaseModel):
    """What was sent could be stored like this; nothing was."""

    harvest_type: str
    url: str


class Tried(BaseModel):
    url: str
    came: str


class Detection(BaseModel):
    reason: str
    server: str
    software: str
    tried: list[Tried]


class Specimen(BaseModel):
    url: str
    name: str
    wished: str
    result: str
    title: str
    identifier: str
    errors: int
    warnings: int
    messages: list[str]


class Preview(BaseModel):
    """What a harvest would find. `problem` says why the listing is not whole."""

    kind: str
    url: str
    found: int
    is_all: bool
    is_cut: bool
    problem: str
    dropped: int
    troubled: int
    seconds: float
    detection: Detection | None
    sample: list[Specimen]
    changes: dict[str, Any] | None = Field(
        description="What would be added, changed, removed or held."
    )
