"""The predecessor's database. It is only read, and by the driver: it is not ours."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from bson import CodecOptions
from bson.codec_options import DatetimeConversion
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.uri_parser import parse_uri

from harvests.moving.values import Document

COLLECTIONS: Final = ("Organizations", "Harvests", "Records", "users")
OURS: Final = "django_migrations"  # which no predecessor has
CHUNK: Final = 500
_TECHNICAL: Final = re.compile(r", Timeout:|, full error:| \(configured timeouts")
PATIENCE: Final = 5000  # milliseconds until a server counts as away
_FIELDS: Final = (
    *("harvest_id", "title", "description", "services", "validation_errors"),
    *("hash_val", "metadata_date", "metadata_data", "file_id", "url", "record_url"),
    *("location", "update_time"),
)
_ATTEMPT: Final = ("parent_harvest", "date", "successful", "num_records", "failure")


class RegistryURLError(Exception):
    """The text is no address of a database. For the person who typed it."""


class RegistryError(Exception):
    """The registry cannot be read: why, and what to do."""


class Registry:
    """The collections of one registry. `open_registry` makes it."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str, at: str) -> None:
        # A text that is no UTF-8, or a year 10,000, must not end the import
        options: CodecOptions[dict[str, Any]] = CodecOptions(
            unicode_decode_error_handler="replace",
            datetime_conversion=DatetimeConversion.DATETIME_AUTO,
        )
        self._database = client.get_database(name, codec_options=options)
        self.place = f"{at}/{name}"
        self.collections = frozenset(self._database.list_collection_names())

    def check(self) -> None:
        """Raise RegistryError unless this is a predecessor's database."""
        if OURS in self.collections:
            raise RegistryError(
                f"{self.place} is the database of a Catalog Harvesting site, perhaps "
                "of this one: nothing was read. Give the database of the registry; "
                "that of this site (MONGO_URL) must be another one."
            )
        if "Harvests" in self.collections:
            return
        there = ", ".join(sorted(self.collections)) or "it is empty"
        raise RegistryError(
            f"{self.place} is no registry: it has no collection Harvests ({there}). "
            "Give the database in the registry's own MONGO_URL, or restore its dump."
        )

    @property
    def missing(self) -> list[str]:
        return [name for name in COLLECTIONS if name not in self.collections]

    def all(self, name: str) -> list[Document]:
        """Return the documents of a small collection, in the order of their ids."""
        found = list(self._database[name].find(batch_size=CHUNK))
        return sorted(found, key=lambda document: str(document.get("_id")))

    def records(self) -> Iterator[Sequence[Document]]:
        """Yield all records in chunks; of each only what we read."""
        return self._chunks("Records", _FIELDS)

    def attempts(self) -> Iterator[Sequence[Document]]:
        """Yield all attempts in chunks; there are none where they were not written."""
        return self._chunks("Attempts", _ATTEMPT)

    def _chunks(self, name: str, fields: Sequence[str]) -> Iterator[list[Document]]:
        chunk: list[Document] = []
        wanted = dict.fromkeys(fields, 1)
        for document in self._database[name].find({}, wanted, batch_size=CHUNK):
            chunk.append(document)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


@contextmanager
def open_registry(url: str) -> Iterator[Registry]:
    """Give the registry at a MongoDB URL.

    Raises RegistryURLError, and RegistryError if it cannot be reached or read, also
    while it is in use.
    """
    name, at, options = _parsed(url)
    try:
        with MongoClient(url, **options) as client:
            registry = Registry(client, name, at)
            registry.check()
            yield registry
    except PyMongoError as error:
        raise RegistryError(_told(error, at)) from error


def _parsed(url: str) -> tuple[str, str, dict[str, Any]]:
    """Return the database's name, the servers without their password, our options."""
    try:
        parts = parse_uri(url)
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise RegistryURLError(
            f"This is no address of a MongoDB ({error}): give "
            "mongodb://HOST[:PORT]/DATABASE, as in the registry's MONGO_URL."
        ) from error
    if not parts["database"]:
        raise RegistryURLError(
            "The address names no database: give mongodb://HOST[:PORT]/DATABASE, as in "
            "the registry's MONGO_URL."
        )
    at = ",".join(f"{host}:{port}" for host, port in parts["nodelist"])
    patience = "serverSelectionTimeoutMS"
    options = {} if patience in parts["options"] else {patience: PATIENCE}
    return parts["database"], at, options


def _told(error: PyMongoError, at: str) -> str:
    reason = _TECHNICAL.split(str(error))[0]
    if isinstance(error, ConfigurationError):
        advice = "Dump it (mongodump), and restore the dump in a newer MongoDB"
    else:
        advice = "Check the address, the password, and that MongoDB runs"
    return (
        f"The registry at {at} cannot be read ({reason}). {advice}, then run this "
        "again: what was imported is kept."
    )
