"""Settings → the pipeline's tools. The only bridge between the two."""

import threading

from django.conf import settings

from harvests import __version__
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.store import Store
from harvests.pipeline.types import FetchPolicy, GatherLimits


def user_agent() -> str:
    """Return how we introduce ourselves: product, version and whom to contact."""
    contact = f" (+{settings.CONTACT_URL})" if settings.CONTACT_URL else ""
    return f"CatalogHarvesting/{__version__}{contact}"


def fetch_policy() -> FetchPolicy:
    """Return what the settings allow the fetcher to do."""
    return FetchPolicy(
        user_agent=user_agent(),
        connect_timeout=settings.FETCH_CONNECT_TIMEOUT,
        idle_timeout=settings.FETCH_IDLE_TIMEOUT,
        total_timeout=settings.FETCH_TOTAL_TIMEOUT,
        max_bytes=settings.MAX_RECORD_BYTES,
        connections_per_host=settings.CONNECTIONS_PER_HOST,
        allow_networks=settings.ALLOW_PRIVATE_NETWORKS,
    )


def fetcher(stop: threading.Event) -> Fetcher:
    """Return a fetcher that gives up waiting when `stop` is set."""
    return Fetcher(fetch_policy(), stop=stop)


def gather_limits(depth: int = 2) -> GatherLimits:
    """Return where gathering stops, for a source `depth` levels deep."""
    return GatherLimits(
        depth=depth, pages=settings.MAX_LISTING_PAGES, records=settings.MAX_RECORDS
    )


def store() -> Store:
    """Return the central WAF."""
    root = settings.WAF_URL_ROOT.rstrip("/") + "/"
    return Store(settings.OUTPUT_DIR, root)
