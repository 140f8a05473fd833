"""Fills the database with a large catalogue, as weeks of harvests leave it.

The records are the demo provider's, good and broken, read and validated once each by
the pipeline: every row has findings that its document really has, with a title, an
address and an identifier of its own.
"""

import datetime as dt
import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from demo.cases import CASES
from demo.datasets import numbered
from demo.records import record
from harvests import conf, rows
from harvests.causes import Census
from harvests.models import (
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Organization,
    TrashedRecord,
    new_key,
)
from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError
from harvests.pipeline.store import Folder
from harvests.pipeline.types import Finding, Metadata, Outcome, Result, Stage
from harvests.pipeline.validators import validate

GOOD: Final = 24  # variants without errors
SHARE: Final = 10  # sources of one organization
JOBS: Final = 10  # of each source: the first added all, others changed some
BATCH: Final = 1000
UNREACHABLE: Final = (
    "Could not connect to {host}: the connection timed out after 15 s. Check that the "
    "server is running and reachable from here."
)
KINDS: Final = ("WAF", "WAF", "ERDDAP-WAF", "CSW", "THREDDS")


@dataclass(frozen=True, slots=True)
class Variant:
    """A document and what reading and validating it gave; or why it was not read."""

    body: bytes
    metadata: Metadata | None
    findings: tuple[Finding, ...]
    failure: str = ""


def variants() -> list[Variant]:
    """Return documents, three good ones for each that something is wrong with."""
    good = [_variant(record(numbered("catalogue", n))) for n in range(GOOD)]
    cases = enumerate(CASES, start=1)
    spoilt = [case.spoil(numbered("broken", n)) for n, case in cases]
    broken = [_variant(body) for body in spoilt if body is not None]
    return [*itertools.islice(itertools.cycle(good), 3 * len(broken)), *broken]


def _variant(body: bytes) -> Variant:
    try:
        document = iso.read(body)
    except ReadError as error:
        return Variant(body, None, (), str(error))
    return Variant(document.text, document.metadata, validate(document))


def fill(sources: int, records: int, *, files: bool, seed: int = 1) -> Iterator[str]:
    """Make so many of both; yield the name of each source that is done.

    With `files`, the central WAF holds a file for each record: links to a few.
    """
    random, kinds = Random(seed), variants()
    first: dict[bytes, Path] | None = {} if files else None
    for number in range(sources):
        share = records // sources + (number < records % sources)
        source = _source(number, random)
        _Maker(source, kinds, random, first).make(share)
        yield source.name


def _source(number: int, random: Random) -> HarvestSource:
    name = f"Institute {number // SHARE + 1:02}"
    organization, _new = Organization.objects.get_or_create(
        name=name, defaults={"description": "Made by demo_catalogue."}
    )
    host = f"data{number}.example.org"
    failing = number % 9 == 4
    now = timezone.now()
    return HarvestSource.objects.create(
        name=f"{organization} · source {number + 1}",
        url=f"https://{host}/waf/",
        organization=organization,
        harvest_type=KINDS[number % len(KINDS)],
        harvest_contact=f"data@{host}",
        publish=number % 7 != 3,
        next_harvest_dt=now + dt.timedelta(days=365),
        last_harvest_dt=now - dt.timedelta(minutes=random.randrange(5, 3000)),
        last_harvest_status="fail" if failing else "ok",
        last_message=UNREACHABLE.format(host=host) if failing else "",
    )


class _Maker:
    """Makes what one source has.

    `first` are the files that others are linked to: all sources share them, for each
    has to reach the disk before it has its name. None: no files.
    """

    def __init__(
        self,
        source: HarvestSource,
        kinds: list[Variant],
        random: Random,
        first: dict[bytes, Path] | None,
    ) -> None:
        self._source = source
        self._kinds = kinds
        self._random = random
        self._folder: Folder = conf.store().folder(source.organization_id)
        self._first = first
        self._census = Census(source)

    @transaction.atomic
    def make(self, count: int) -> None:
        jobs = self._jobs(count)
        for start in range(0, count, BATCH):
            numbers = range(start, min(count, start + BATCH))
            made = [self._record(number) for number in numbers]
            HarvestRecord.objects.bulk_create(made)
            for row in made:
                self._census.count(row.pk, row.causes)
            outcomes = [each for row in made for each in self._outcomes(row, jobs)]
            HarvestOutcome.objects.bulk_create(outcomes)
        self._trash(min(count, 5))
        self._census.store()
        self._source.take_stock()

    def _record(self, number: int) -> HarvestRecord:
        kind = self._random.choice(self._kinds)
        url = f"{self._source.url}{number:06}.xml"
        row = HarvestRecord(id=new_key(), source=self._source, url=url)
        if kind.metadata is None:
            row.failure = {"stage": Stage.READ.value, "message": kind.failure}
            return row
        name = f"{hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()}.xml"
        outcome = Outcome(
            Result.ADDED,
            url,
            name=name,
            metadata=self._renamed(kind.metadata, number),
            findings=kind.findings,
            hash_val=hashlib.md5(kind.body, usedforsecurity=False).hexdigest(),
            sha256=hashlib.sha256(kind.body).hexdigest(),
            size=len(kind.body),
            mtime=self._publish(name, kind.body),
        )
        row = rows.describe(row, outcome, self._folder)
        if self._source.last_harvest_dt:
            row.update_time = self._source.last_harvest_dt
        if number % 50 == 7 and self._source.pk[0].isupper():
            row.missing_since = timezone.now()
        return row

    def _renamed(self, metadata: Metadata, number: int) -> Metadata:
        title, host = metadata.title, self._source.url.split("/")[2]
        return replace(
            metadata,
            title=title and f"{title}, station {number} of {host}",
            identifier=metadata.identifier and f"org.example:{host}:{number}",
        )

    def _publish(self, name: str, body: bytes) -> int:
        """Put the file there, as a link to another with these bytes if possible."""
        if self._first is None:
            return int(timezone.now().timestamp() * 1e9)
        if body in self._first:
            with suppress(OSError):
                os.link(self._first[body], self._folder.path_of(name))
        if not self._folder.has(name):
            self._folder.stage(name, body)
            self._folder.commit()
            self._first[body] = self._folder.path_of(name)
        return self._folder.mtime(name)

    def _jobs(self, count: int) -> list[HarvestJob]:
        last = self._source.last_harvest_dt or timezone.now()
        jobs = [self._job(n, count, last - dt.timedelta(days=n)) for n in range(JOBS)]
        HarvestJob.objects.bulk_create(jobs)
        return jobs

    def _job(self, age: int, count: int, when: dt.datetime) -> HarvestJob:
        ok = age > 0 or self._source.last_harvest_status == "ok"
        changed = count // 100 if ok else 0
        counters: dict[str, Any] = {"changed": changed, "unchanged": count - changed}
        if age == JOBS - 1:
            counters = {"added": count}
        message = {"code": 0, "message": self._source.last_message}
        return HarvestJob(
            source=self._source,
            status="finished" if ok else "failed",
            successful=ok,
            failure=None if ok else message,
            date=when - dt.timedelta(minutes=3),
            started=when - dt.timedelta(minutes=2),
            finished=when,
            requested_by="schedule",
            num_records=count if ok else 0,
            requests={"count": count + 1, "retries": 0, "statuses": {"200": count + 1}},
            **(counters if ok else {}),
        )

    def _outcomes(
        self, row: HarvestRecord, jobs: list[HarvestJob]
    ) -> Iterator[HarvestOutcome]:
        given = {"url": row.url, "title": row.title, "file_name": row.file_name}
        if row.failure:
            message = row.failure["message"]
            failed = {"stage": Stage.READ.value, "message": message, **given}
            yield HarvestOutcome(job=jobs[-1], outcome=Result.FAILED, **failed)
            return
        yield HarvestOutcome(job=jobs[-1], outcome=Result.ADDED, **given)
        if self._random.random() < (JOBS - 1) / 100:
            job = self._random.choice([job for job in jobs if job.changed] or jobs)
            yield HarvestOutcome(job=job, outcome=Result.CHANGED, **given)

    def _trash(self, count: int) -> None:
        url = f"{self._source.url}gone-"
        TrashedRecord.objects.bulk_create(
            TrashedRecord(
                source=self._source,
                url=f"{url}{number}.xml",
                title=f"Removed station {number}",
                file_name=f"gone-{self._source.pk}-{number}.xml",
                row={"source": self._source.pk, "url": f"{url}{number}.xml"},
                moved=True,
            )
            for number in range(count)
        )
