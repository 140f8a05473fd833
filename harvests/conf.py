"""Settings and a source's own wishes → the pipeline's tools and values.

The only bridge between the two.
"""

import threading
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from harvests import __version__
from harvests.models import AccessError, HarvestSource, SourceAccess
from harvests.models.options import lines, parse_box
from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.store import Store
from harvests.pipeline.types import (
    Access,
    FetchPolicy,
    GatherLimits,
    Plan,
    Profile,
    Selection,
)


def user_agent() -> str:
    """Return how we introduce ourselves: product, version and whom to contact."""
    contact = f" (+{settings.CONTACT_URL})" if settings.CONTACT_URL else ""
    return f"CatalogHarvesting/{__version__}{contact}"


def fetch_policy(
    source: HarvestSource | None = None, access: SourceAccess | None = None
) -> FetchPolicy:
    """Return what the settings and the source allow. Raises GatherError.

    `access` takes the place of what is stored for the source.
    """
    policy = FetchPolicy(
        user_agent=user_agent(),
        connect_timeout=settings.FETCH_CONNECT_TIMEOUT,
        idle_timeout=settings.FETCH_IDLE_TIMEOUT,
        total_timeout=settings.FETCH_TOTAL_TIMEOUT,
        max_bytes=settings.MAX_RECORD_BYTES,
        connections_per_host=settings.CONNECTIONS_PER_HOST,
        allow_networks=settings.ALLOW_PRIVATE_NETWORKS,
        max_crawl_delay=settings.ROBOTS_MAX_DELAY,
    )
    return replace(policy, **_own(source, access)) if source else policy


def _own(source: HarvestSource, row: SourceAccess | None) -> dict[str, Any]:
    """Return what the source sets for itself."""
    wishes = {
        "user_agent": source.user_agent,
        "idle_timeout": source.idle_timeout,
        "total_timeout": source.timeout,
        "connections_per_host": source.connections,
    }
    given = {name: value for name, value in wishes.items() if value}
    access = access_of(source, row)
    return {**given, "delay": source.delay, "robots": source.robots, "access": access}


@sensitive_variables()
def access_of(source: HarvestSource, row: SourceAccess | None = None) -> Access | None:
    """Return how the source lets us in. Raises GatherError if that is not to be had."""
    row = row or SourceAccess.of(source)
    if not row.is_used:
        return None
    try:
        secrets = asdict(row.secrets)
    except AccessError as error:
        raise GatherError(str(error), url=source.url) from error
    return Access(
        url=source.url,
        username=row.username,
        verify_tls=row.verify_tls,
        ca_certificates=row.ca_certificates,
        proxy=_with_password(row.proxy, secrets.pop("proxy_password")),
        **secrets,
    )


@sensitive_variables()
def _with_password(proxy: str, password: str) -> str:
    """Put the password behind the name that stands before the @."""
    start, at, place = proxy.rpartition("@")
    return f"{start}:{quote(password, safe='')}@{place}" if at and password else proxy


def selection_of(source: HarvestSource) -> Selection:
    """Return which records of the source are wanted. Raises GatherError."""
    try:
        box = parse_box(source.bbox) if source.bbox else None
    except ValueError as error:
        message = (
            f"The bounding box of “{source}” is {source.bbox!r}: expected "
            "west,south,east,north in degrees. Correct it on the source's page."
        )
        raise GatherError(message, url=source.url) from error
    return Selection(
        include=lines(source.include),
        exclude=lines(source.exclude),
        cql=source.cql.strip(),
        box=box,
    )


def profile_of(source: HarvestSource) -> Profile:
    """Return what the records of the source are held to."""
    return Profile(
        schema=source.check_schema,
        rules=source.check_rules,
        publish_errors=source.publish_with_errors,
        ckan=source.check_ckan,
    )


def plan_of(source: HarvestSource) -> Plan:
    """Return the plan of a usual harvest of the source. Raises GatherError."""
    return Plan(
        kind=source.harvest_type,
        url=source.url,
        limits=gather_limits(source.max_depth),
        selection=selection_of(source),
        profile=profile_of(source),
        removal_percent=source.removal_limit,
    )


def fetcher(stop: threading.Event, source: HarvestSource | None = None) -> Fetcher:
    """Return a fetcher that gives up waiting when `stop` is set. Raises GatherError."""
    return Fetcher(fetch_policy(source), stop=stop)


def gather_limits(depth: int = 2) -> GatherLimits:
    """Return where gathering stops, for a source `depth` levels deep."""
    return GatherLimits(
        depth=depth, pages=settings.MAX_LISTING_PAGES, records=settings.MAX_RECORDS
    )


def store() -> Store:
    """Return the central WAF."""
    root = settings.WAF_URL_ROOT.rstrip("/") + "/"
    return Store(settings.OUTPUT_DIR, root)
