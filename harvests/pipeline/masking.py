"""Takes a source's own secrets out of what is told of it.

Servers quote what they were sent: in exceptions, titles, redirects. Nobody who reads a
message is to find a password there, whole or as HTTP encodes it.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from harvests.pipeline.errors import HarvestError
from harvests.pipeline.types import Access, Outcome

HIDDEN: Final = "•••"
SHORTEST: Final = 4  # characters; a shorter one would black out common words


class Mask:
    """Hides the secrets of one source; without access settings, it changes nothing."""

    def __init__(self, access: Access | None) -> None:
        found = set(_secrets(access)) if access else set()
        written = {form for secret in found for form in _forms(secret)}
        usable = {form for form in written if len(form) >= SHORTEST}
        self._secrets = sorted(usable, key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def pairs(self, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((self.text(first), self.text(second)) for first, second in pairs)

    def error(self, error: Exception) -> Exception:
        """Return the error with its message masked."""
        if isinstance(error, HarvestError) and self._secrets:
            error.args = (self.text(str(error)), *error.args[1:])
        return error

    def outcome(self, outcome: Outcome) -> Outcome:
        if not outcome.message or not self._secrets:
            return outcome
        return replace(outcome, message=self.text(outcome.message))


def _secrets(access: Access) -> Iterator[str]:
    yield from (access.password, access.token)
    yield from (value for _name, value in access.headers)
    yield unquote(urlsplit(access.proxy).password or "") if access.proxy else ""
    if access.username or access.password:
        login = f"{access.username}:{access.password}".encode()
        yield base64.b64encode(login).decode()


def _forms(secret: str) -> tuple[str, ...]:
    """The ways in which a server may write it back."""
    return secret, quote(secret, safe=""), quote_plus(secret), secret.rstrip("=")
