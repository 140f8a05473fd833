"""Who works here: Ada runs the site, Vera may look, Carl is of the Ocean Institute.

Olga is of another organization, and Nemo waits for approval.
"""

from collections.abc import Callable

import pytest
import requests
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from harvests import jobs
from harvests.embedded import free_port
from harvests.models import HarvestSource, Membership, Organization


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(name: str, *organizations: Organization) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    for organization in organizations:
        Membership.objects.create(user=user, organization=organization)
    return signed_in(user)


@pytest.fixture
def ada(db) -> Client:
    """A superuser."""
    return signed_in(User.objects.create_superuser("ada", password="secret"))


@pytest.fixture
def vera(db) -> Client:
    """A member of no organization: may look at everything, and change nothing."""
    return member("vera")


@pytest.fixture
def carl(organization) -> Client:
    """A member of the organization whose sources these are."""
    return member("carl", organization)


@pytest.fixture
def olga(db) -> Client:
    """A member of another organization."""
    return member("olga", Organization.objects.create(name="River Office"))


@pytest.fixture
def nemo(db) -> Client:
    """Somebody whom nobody has approved yet."""
    return signed_in(User.objects.create_user("nemo"))


@pytest.fixture
def address() -> Callable[..., str]:
    """The address of a page of the admin: address("source_harvest", source)."""

    def of(page: str, item: object = None) -> str:
        arguments = [item.pk] if item is not None else []
        return reverse(f"admin:harvests_{page}", args=arguments)

    return of


@pytest.fixture
def said() -> Callable[[object], str]:
    """What the page after this answer tells the person."""

    def of(response: object) -> str:
        return "\n".join(str(m) for m in get_messages(response.wsgi_request))

    return of


@pytest.fixture
def held(shrinking, provider) -> HarvestSource:
    """A source with 36 of 40 removals held."""
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking)
    shrinking.refresh_from_db()
    return shrinking


@pytest.fixture
def broken(provider, source_of) -> HarvestSource:
    """A source with 19 harvested records, 5 of them not readable."""
    source = source_of(provider.url("broken"), name="Broken")
    jobs.run_now(source)
    source.refresh_from_db()
    return source


@pytest.fixture
def no_redis(settings) -> None:
    """Nobody listens where the settings say that Redis is."""
    gone = {"URL": f"redis://127.0.0.1:{free_port()}/0"}
    settings.RQ_QUEUES = {"default": gone, "housekeeping": gone}
