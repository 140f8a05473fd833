"""What a careful user would script with requests: fetch, parse, validate, write.

With `--sample N` the way of the predecessor, over N records: one after the other,
the schema compiled anew for each.
"""

import argparse
import hashlib
import json
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from lxml import etree

from bench.schema import compiled

THREADS = 16
OUT = Path("out")
STATE = Path("state.json")


class Local(threading.local):
    """What each thread has of its own."""

    def __init__(self) -> None:
        self.session = requests.Session()
        with COMPILING:
            self.schema = compiled()


COMPILING = threading.Lock()


def listed(url: str) -> list[str]:
    names = re.findall(r'href="([^"/]+\.xml)"', requests.get(url, timeout=60).text)
    return [url + name for name in names]


def harvest(url: str, etag: str, local: Local) -> tuple[str, str, int]:
    """Return the URL, its ETag and how many errors it has (-1: did not change)."""
    headers = {"If-None-Match": etag} if etag else {}
    answer = local.session.get(url, headers=headers, timeout=60)
    answer.raise_for_status()
    if answer.status_code == 304:
        return url, etag, -1
    root = etree.fromstring(answer.content)
    local.schema.validate(root)
    path = OUT / f"{hashlib.sha1(url.encode()).hexdigest()}.xml"
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(answer.content)
    os.replace(temporary, path)
    return url, answer.headers.get("ETag", ""), len(local.schema.error_log)


def in_threads(urls: list[str]) -> int:
    etags = json.loads(STATE.read_text()) if STATE.exists() else {}
    compiled()  # the first one in the main thread
    local = Local()
    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(lambda u: harvest(u, etags.get(u, ""), local), urls))
    STATE.write_text(json.dumps({url: etag for url, etag, _ in done}))
    return len(done)


def one_by_one(urls: list[str]) -> int:
    for url in urls:
        answer = requests.get(url, timeout=60)
        schema = compiled()
        root = etree.fromstring(answer.content)
        schema.validate(root)
        name = f"{hashlib.sha1(url.encode()).hexdigest()}.xml"
        (OUT / name).write_bytes(answer.content)
    return len(urls)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--sample", type=int, default=0)
    options = parser.parse_args()
    start = time.perf_counter()
    OUT.mkdir(exist_ok=True)
    urls = listed(options.url)
    sample = urls[: options.sample]
    count = one_by_one(sample) if sample else in_threads(urls)
    print(json.dumps({"records": count, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
