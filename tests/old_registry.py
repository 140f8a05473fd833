"""A registry as the predecessor left it: its MongoDB, and the folder of its WAF.

Documents are written as its worker and its Meteor wrote them, traps included: what a
test wants otherwise it gives by name.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import bcrypt
import pymongo
from bson import ObjectId
from lxml import etree
from pymongo.database import Database

from harvests.models import new_key

GMD = "http://www.isotc211.org/2005/gmd"
NAMES = {"gmd": GMD, "gco": "http://www.isotc211.org/2005/gco"}
EDGES = ("west", -1), ("east", 1), ("south", -1), ("north", 1)
WRITTEN = 1_600_000_000  # seconds; long ago, so that a new file shows
UPDATED = dt.datetime(2020, 9, 13, 12, 26, 40)


class OldRegistry:
    """Fill it; `url` is its MONGO_URL, `waf` the folder that its nginx serves."""

    def __init__(self, url: str, database: Database[dict[str, Any]], waf: Path) -> None:
        self.url = url
        self.database = database
        self.waf = waf
        self._folders: dict[str, str] = {}
        self._kept: list[dict[str, Any]] | None = None

    @contextmanager
    def many_records(self) -> Iterator[None]:
        """Store what is kept meanwhile at once, which is cheaper."""
        self._kept = []
        yield
        self.database["Records"].insert_many(self._kept)
        self._kept = None

    def organization(self, name: str, **fields: Any) -> str:
        document = {"_id": new_key(), "name": name, **fields}
        self.database["Organizations"].insert_one(document)
        return str(document["_id"])

    def harvest(self, url: str, organization: str = "IOOS", **fields: Any) -> str:
        document = {
            "_id": new_key(),
            "name": f"Source {url}",
            "url": url,
            "organization": organization,
            "harvest_type": "WAF",
            "harvest_interval": 1,
            "publish": True,
            "last_harvest_dt": UPDATED,
            "last_harvest_status": "ok",
            **fields,
        }
        self.database["Harvests"].insert_one(document)
        self._folders[str(document["_id"])] = organization
        return str(document["_id"])

    def record(
        self, harvest: str, url: str, data: bytes, *, name: str = "", **fields: Any
    ) -> Path:
        """Keep a document as its worker did; return where its file is."""
        organization = self._folders.get(str(harvest), "IOOS")
        name = name or f"{hashlib.sha1(url.encode()).hexdigest()}.xml"
        path = self.waf / organization / name
        keep(path, widened(data))
        document = {
            "harvest_id": harvest,
            "title": "A record",
            "description": "Of the sea.",
            "services": [],
            "hash_val": hashlib.md5(data).hexdigest(),
            "file_id": None,
            "metadata_date": "2025-01-01",
            "validation_errors": [],
            "url": url,
            "record_url": f"http://waf.example.org/{organization}/{name}",
            "location": f"/data/waf/{organization}/{name}",
            "update_time": UPDATED,
            **fields,
        }
        if self._kept is None:
            self.database["Records"].insert_one(document)
        else:
            self._kept.append(document)
        return path

    def csw_record(self, harvest: str, service: str, name: str, data: bytes) -> Path:
        """Keep a record of a catalogue service, whose file is written anew."""
        tree = etree.fromstring(b"<page>" + data + b"\n</page>")
        query = {
            "outputSchema": GMD,
            "id": name,
            "service": "CSW",
            "version": "2.0.2",
            "request": "GetRecordById",
            "elementsetname": "full",
        }
        url = f"{service}?{urlencode(query)}"
        file = f"{name.replace('/', '_')}.xml"
        return self.record(harvest, url, etree.tostring(tree[0]), name=file)

    def malformed(self, harvest: str, title: str) -> None:
        """Keep what its worker wrote of a document that is no XML."""
        error = {"line_number": "?", "error": "XML Syntax Error: Malformed XML"}
        document = {
            "harvest_id": harvest,
            "title": title,
            "description": "",
            "services": [],
            "hash_val": None,
            "metadata_data": None,
            "validation_errors": [error],
        }
        self.database["Records"].insert_one(document)

    def user(self, address: str, password: str = "old password", **fields: Any) -> str:
        hashed = hashlib.sha256(password.encode()).hexdigest().encode()
        stored = bcrypt.hashpw(hashed, bcrypt.gensalt(4, prefix=b"2a")).decode()
        profile = {"name": "Ann", "email": address, "organization": ["IOOS"]}
        document = {
            "_id": new_key(),
            "createdAt": UPDATED,
            "username": address,
            "emails": [{"address": address, "verified": True}],
            "services": {"password": {"bcrypt": stored}, "resume": {"loginTokens": []}},
            "roles": ["approved"],
            "profile": {**profile, **fields.pop("profile", {})},
            **fields,
        }
        self.database["users"].insert_one(document)
        return str(document["_id"])


COLLECTIONS = ("Organizations", "Harvests", "Records", "Attempts", "users")


@contextmanager
def old_mongodb(server: str) -> Iterator[str]:
    """Give the URL of a database for registries, on the server of a MongoDB URL."""
    at, _slash, options = server.rpartition("/")
    url = f"{at}/registry-{ObjectId()}?{options.partition('?')[2]}"
    yield url
    with pymongo.MongoClient(url) as client:
        client.drop_database(client.get_default_database())


@contextmanager
def old_registry(url: str, waf: Path) -> Iterator[OldRegistry]:
    """Give an empty one. To empty collections is cheaper than to make them."""
    waf.mkdir(parents=True, exist_ok=True)
    with pymongo.MongoClient(url) as client:
        database = client.get_default_database()
        for name in COLLECTIONS:
            if name in database.list_collection_names():
                database[name].delete_many({})
            else:
                database.create_collection(name)
        yield OldRegistry(url, database, waf)


def keep(path: Path, data: bytes) -> None:
    """Write an old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (WRITTEN, WRITTEN))


def widened(data: bytes) -> bytes:
    """Return what its worker made of a document: a first box that is a point grows."""
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return data
    box = root.find(".//gmd:EX_GeographicBoundingBox", NAMES)
    if box is None:
        return data
    edges = {
        edge: box.find(f"gmd:{edge}Bound{_axis(edge)}/gco:Decimal", NAMES)
        for edge, _ in EDGES
    }
    numbers = {edge: float(found.text) for edge, found in edges.items()}
    if (numbers["west"], numbers["south"]) != (numbers["east"], numbers["north"]):
        return data
    for edge, sign in EDGES:
        edges[edge].text = str(numbers[edge] + sign * 0.00001)
    return etree.tostring(root)


def _axis(edge: str) -> str:
    return "Longitude" if edge in {"west", "east"} else "Latitude"
