"""What mails, web hooks and the feed say of an event: the same everywhere."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from harvests.models import Event, EventKind, HarvestJob


def site_url(path: str) -> str:
    """Return the address of a path of ours."""
    return settings.SITE_URL.rstrip("/") + path


def links(event: Event) -> dict[str, str]:
    """Return where to read on: the source, its job, and what failed there."""
    found = {"source": site_url(event.source.get_absolute_url())}
    if HarvestJob.objects.filter(pk=event.job_key).exists():
        job = HarvestJob(pk=event.job_key).get_absolute_url()
        outcome = "held" if event.kind == EventKind.HELD else "failed"
        query = urlencode({"job": event.job_key, "outcome": outcome})
        outcomes = reverse("admin:harvests_harvestoutcome_changelist")
        found |= {"job": site_url(job), "failures": site_url(f"{outcomes}?{query}")}
    return found


def payload(event: Event) -> dict[str, Any]:
    """Return the event as the JSON that web hooks get."""
    source = event.source
    return {
        "type": f"source.{event.kind}",
        "timestamp": event.when.isoformat(),
        "data": {
            "id": event.pk,
            "source": {"id": source.pk, "name": source.name, "url": source.url},
            "organization": source.organization_id,
            "sentence": event.sentence,
            "reasons": event.reasons,
            "links": links(event),
        },
    }
