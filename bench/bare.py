"""The fastest client that DESIGN §4 measured, and the least that a harvest must do.

libcurl fetches over 8 connections; two threads parse, validate, extract, hash and
write (temporary file, rename); rows go to SQLite in batches. It has no guards, no
retries, no rules, no claims, no flush to the disk, and cannot harvest again.
"""

import hashlib
import json
import os
import queue
import re
import sqlite3
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pycurl
from lxml import etree

from bench.schema import compiled

CONNECTIONS = 8
THREADS = 2
ROWS = 500
GMD = "{http://www.isotc211.org/2005/gmd}"

Row = tuple[str, str, str, str, str, bool]


def listed(url: str) -> list[str]:
    with urllib.request.urlopen(url) as page:
        names = re.findall(r'href="([^"/]+\.xml)"', page.read().decode())
    return [url + name for name in names]


def process(url: str, body: bytes, schema: etree.XMLSchema, out: Path) -> Row:
    root = etree.fromstring(body)
    valid = schema.validate(root)
    identifier = root.findtext(f"{GMD}fileIdentifier/*", "")
    title = root.findtext(f".//{GMD}title/*", "")
    digest = hashlib.md5(body).hexdigest()
    path = out / f"{hashlib.sha1(url.encode()).hexdigest()}.xml"
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(body)
    os.replace(temporary, path)
    return url, path.name, digest, identifier, title, valid


class Workers:
    """Threads that turn documents into rows."""

    def __init__(self, out: Path) -> None:
        self.todo: queue.Queue[tuple[str, bytes] | None] = queue.Queue(maxsize=48)
        self.rows: queue.SimpleQueue[Row] = queue.SimpleQueue()
        self._out = out
        compiled()  # the first one in the main thread
        self._schemas = [compiled() for _ in range(THREADS)]
        self._threads = [
            threading.Thread(target=self._work, args=[schema])
            for schema in self._schemas
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, schema: etree.XMLSchema) -> None:
        while (item := self.todo.get()) is not None:
            self.rows.put(process(*item, schema, self._out))

    def join(self) -> None:
        for _ in self._threads:
            self.todo.put(None)
        for thread in self._threads:
            thread.join()


def handle() -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.BUFFERSIZE, 128 * 1024)
    return curl


def fetch(urls: list[str], workers: Workers, database: sqlite3.Connection) -> None:
    multi = pycurl.CurlMulti()
    idle = [handle() for _ in range(CONNECTIONS)]
    bodies: dict[pycurl.Curl, tuple[str, list[bytes]]] = {}
    waiting = iter(urls)
    while True:
        while idle and (url := next(waiting, None)):
            curl = idle.pop()
            bodies[curl] = (url, [])
            curl.setopt(pycurl.URL, url)
            curl.setopt(pycurl.WRITEFUNCTION, bodies[curl][1].append)
            multi.add_handle(curl)
        multi.perform()
        _, ended, failed = multi.info_read()
        assert not failed, failed
        for curl in ended:
            url, chunks = bodies.pop(curl)
            multi.remove_handle(curl)
            idle.append(curl)
            workers.todo.put((url, b"".join(chunks)))
        save(workers.rows, database, ROWS)
        if not bodies and not ended:
            return
        if not ended:
            multi.select(1)


def save(
    rows: "queue.SimpleQueue[Row]", database: sqlite3.Connection, least: int
) -> None:
    if rows.qsize() >= least:
        batch = [rows.get() for _ in range(rows.qsize())]
        database.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", batch)
        database.commit()


def main(url: str) -> None:
    start = time.perf_counter()
    out = Path("out")
    out.mkdir()
    database = sqlite3.connect("bare.sqlite3")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE records (url, name, hash, identifier, title, valid)")
    workers = Workers(out)
    fetch(listed(url), workers, database)
    workers.join()
    save(workers.rows, database, 0)
    (count,) = database.execute("SELECT count(*) FROM records WHERE valid").fetchone()
    print(json.dumps({"records": count, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(sys.argv[1])
