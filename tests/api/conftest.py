"""People, their tokens, and programs that use those."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from harvests import tokens
from harvests.models import HarvestSource, Organization
from tests.roles import cast, ocean

ROOT = "/api/v3"


class Program:
    """Asks the API as a program does: by token, without cookies."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; return the response."""
        text = b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method,
            ROOT + path,
            text,
            content_type="application/json" if text else "",
            headers={**self.headers, **headers},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def all(self, path: str) -> list[dict[str, Any]]:
        """Return every item of a list, page by page."""
        found, cursor = [], ""
        while True:
            page = self.get(
                f"{path}{'&' if '?' in path else '?'}limit=3{cursor}"
            ).json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def people(db) -> dict[str, Client]:
    """The cast: a browser of each role."""
    return cast()


@pytest.fixture
def organization(people) -> Organization:
    return ocean()


@pytest.fixture
def program(people) -> Callable[..., Program]:
    """Make a program with a token of somebody."""

    def make(role: str = "member", **options: Any) -> Program:
        user = User.objects.get(username=role)
        options = {"scope": "write", **options}
        _token, text = tokens.make(user, f"{role}'s", **options)
        return Program(text)

    return make


@pytest.fixture
def source(people) -> HarvestSource:
    """A source of the member's organization."""
    return HarvestSource.objects.create(
        name="Good", url="https://example.org/good/", organization=ocean()
    )
