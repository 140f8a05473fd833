"""What a source's server wants to see before it lets us in.

It stands in a collection of its own, because other programs read that of the sources.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Final, Self
from urllib.parse import urlsplit

from django.db import models
from django.views.decorators.debug import sensitive_variables

from harvests.models.sources import HarvestSource
from harvests.secrets import SealBrokenError, reseal, seal, unseal

PORTS: Final = {"http": 80, "https": 443}


class AccessError(Exception):
    """The secrets of a source cannot be used; the text tells staff why."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What nobody is to see again. Its repr tells nothing."""

    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy_password: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.names())

    def names(self) -> list[str]:
        """Return which of them are there."""
        return [each for each in SECRETS if getattr(self, each)]


SECRETS: Final = tuple(each.name for each in fields(Secrets))


def server_of(url: str) -> str:
    """Return the scheme, host and port that a URL leads to, "" for none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:  # it leads nowhere, but to no other server either
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else ""


class SourceAccess(models.Model):
    """How a source lets us in.

    `sealed` is encrypted JSON: the secrets, and the servers they were entered for.
    Whoever changes the URL, by whatever way, does not have them sent elsewhere.
    A user name is sent as well, so it has its servers sealed even without a password.
    """

    source = models.OneToOneField(
        HarvestSource,
        on_delete=models.CASCADE,
        primary_key=True,
        db_column="_id",
        related_name="access",
    )
    username = models.CharField(max_length=200, blank=True)
    verify_tls = models.BooleanField(default=True)
    ca_certificates = models.TextField(blank=True)
    proxy = models.CharField(max_length=300, blank=True)
    sealed = models.TextField(blank=True, editable=False)

    class Meta:
        db_table = "Access"
        verbose_name = "access"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Access of {self.source}"

    @classmethod
    def of(cls, source: HarvestSource) -> Self:
        """Return what is stored of the source, else what it has by default."""
        stored = cls.objects.filter(pk=source.pk).first()
        access = stored or cls(source=source)
        access.source = source  # as it is in memory, perhaps with another URL
        return access

    @property
    def is_used(self) -> bool:
        texts = (self.username, self.ca_certificates, self.proxy, self.sealed)
        return any(texts) or not self.verify_tls

    @property
    def servers(self) -> list[str]:
        """Who gets to see the secrets: the source's server, and a proxy on the way."""
        return [server_of(self.source.url), server_of(self.proxy)]

    def seal(self, secrets: Secrets) -> None:
        """Keep the secrets for the present servers; the caller saves the row."""
        content = {**asdict(secrets), "servers": self.servers}
        self.sealed = seal(json.dumps(content)) if secrets or self.username else ""

    @sensitive_variables()
    def stored(self) -> tuple[Secrets, list[str]]:
        """Return the secrets and whom they were entered for. Raises AccessError."""
        if not self.sealed:
            return Secrets(), self.servers
        try:
            content = json.loads(unseal(self.sealed))
        except SealBrokenError as error:
            raise self._unreadable() from error
        servers = content.pop("servers")
        content["headers"] = tuple(tuple(pair) for pair in content["headers"])
        return Secrets(**content), servers

    @property
    def secrets(self) -> Secrets:
        """Return what may be sent to the present servers. Raises AccessError."""
        secrets, servers = self.stored()
        if self.username and not self.sealed:
            raise AccessError(
                f"The user name of “{self.source}” was entered for a server that is "
                "not known: enter it again."
            )
        if not lead_the_same_way(servers, self.servers):
            raise AccessError(
                f"The access data of “{self.source}” were entered for "
                f"{told(servers)}, and now it is at {told(self.servers)}: "
                "enter them again."
            )
        return secrets

    def reseal(self) -> None:
        """Encrypt with the first key, unless changed meanwhile. Raises AccessError."""
        try:
            sealed = reseal(self.sealed)
        except SealBrokenError as error:
            raise self._unreadable() from error
        rows = SourceAccess.objects.filter(pk=self.pk, sealed=self.sealed)
        rows.update(sealed=sealed)

    def _unreadable(self) -> AccessError:
        return AccessError(
            f"The access data of “{self.source}” cannot be read with the present "
            "SECRETS_KEY: enter them again, or set the key they were stored with."
        )


def lead_the_same_way(before: Iterable[str], now: Iterable[str]) -> bool:
    """Tell whether secrets entered for the one (server, proxy) may go by the other."""
    (server, proxy), (new_server, new_proxy) = before, now
    if new_proxy not in ("", proxy):
        return False
    return server == new_server or _is_its_https(server, new_server)


def _is_its_https(before: str, now: str) -> bool:
    host = before.removeprefix("http://").removesuffix(":80")
    return (before, now) == (f"http://{host}:80", f"https://{host}:443")


def told(servers: Iterable[str]) -> str:
    server, proxy = servers
    return f"{server} through the proxy {proxy}" if proxy else server
