"""An Atom feed of what changed at sources, at an address that only one person knows.

Reasons of failures are for members to read, and feed readers cannot sign in: hence
the token in the address. It is good while its owner is a member and keeps it.
"""

import hashlib
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from harvests.changes import Feed
from harvests.models import Event, HarvestSource, NotificationChoice
from harvests.notifications.wording import links, site_url
from harvests.permissions import VIEW, may

SALT: Final = "harvests.feeds"
SHOWN: Final = 50


def url_of(choice: NotificationChoice) -> str:
    """Return the address of a person's feed, which is a secret of theirs."""
    token = signing.Signer(salt=SALT).sign_object(
        [str(choice.user_id), choice.feed_key]
    )
    return site_url(reverse("events-feed", args=[token]))


def owner_of(token: str) -> User | None:
    """Return whose feed it is; None if the token is not good (any more)."""
    try:
        user_key, feed_key = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    rows = NotificationChoice.objects.filter(user=user_key, feed_key=feed_key)
    choice = rows.select_related("user").first()
    return choice.user if choice and may(choice.user, VIEW, Event) else None


@require_safe
def events(request: HttpRequest, token: str) -> HttpResponseBase:
    """`?source=` (id) and `?organization=` (name) leave out the others."""
    if owner_of(token) is None:
        raise Http404
    found = list(_wanted(request)[:SHOWN])
    response = HttpResponse(content_type=Feed.content_type)
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag = _etag(request, found)
    if request.method == "GET":
        _feed(request, found).write(response, "utf-8")
    return get_conditional_response(request, etag, response=response) or response


def _wanted(request: HttpRequest) -> QuerySet[Event]:
    rows = Event.objects.order_by("-when").prefetch_related("source")
    source, organization = (request.GET.get(n) for n in ("source", "organization"))
    if source:
        rows = rows.filter(source=source)
    if organization:
        mine = HarvestSource.objects.filter(organization=organization)
        rows = rows.filter(source__in=list(mine.values_list("pk", flat=True)))
    return rows


def _etag(request: HttpRequest, found: list[Event]) -> str:
    """Return the same while the feed is: events do not change, their sources may."""
    parts = [request.get_full_path(), *(f"{e.pk} {e.source.name}" for e in found)]
    return quote_etag(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32])


def _feed(request: HttpRequest, found: list[Event]) -> Feed:
    feed = Feed(
        title="What changed at the sources",
        link=site_url(reverse("home")),
        description="",
        author_name="Catalog Harvesting",
        feed_url=site_url(request.get_full_path()),
        feed_guid=f"tag:{_host()},2026:events",
    )
    for event in found:
        feed.add_item(
            title=f"{event.get_kind_display()}: {event.source.name}",
            link=links(event)["source"],
            description=_summary(event),
            unique_id=f"tag:{_host()},2026:event/{event.pk}",
            pubdate=event.when,
            updateddate=event.when,
            categories=[event.kind, event.source.organization_id],
        )
    return feed


def _summary(event: Event) -> str:
    """Return what feed readers show as HTML: a line for the sentence and each reason.

    Reasons may hold what a foreign server answered.
    """
    return "<br>".join(escape(t) for t in [event.sentence, *event.reasons])


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
