"""Harvest a URL into a folder, or registered sources into the central WAF."""

import datetime as dt
import json
import logging
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from harvests import conf, interruption, jobs, oneoff
from harvests.ending import plan_next
from harvests.models import HarvestJob, HarvestSource, JobAlreadyActiveError, JobStatus
from harvests.pipeline.errors import Cancelled, HarvestError
from harvests.pipeline.runner import harvest
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.tally import Tally
from harvests.pipeline.types import Outcome, Plan, Progress, Result
from harvests.queueing import QueueError
from harvests.terminal import Bar, summary

KINDS = {kind.lower(): kind for kind in SOURCES}
EPILOG = """
Exit status: 0 harvested, 1 failed (the reason is on standard error), 2 bad usage.
"""


class Failed(CommandError):
    """Printed on standard error as “Failed: reason”; exit status 1."""


class Usage(CommandError):
    """Likewise, “Usage: what is wrong”; exit status 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ["settings"]

    def create_parser(self, *args: Any, **kwargs: Any) -> ArgumentParser:
        kwargs["epilog"] = EPILOG
        # -v is ours, as it was the predecessor's: --verbosity keeps its long form
        kwargs["conflict_handler"] = "resolve"
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        once = parser.add_argument_group("once, without database or Redis")
        once.add_argument(
            "-t", "--type", type=str.lower, choices=KINDS, default="waf", dest="kind"
        )
        once.add_argument("-s", "--src", metavar="URL", help="what to harvest")
        once.add_argument("-d", "--dest", metavar="FOLDER", help="where to")
        once.add_argument(
            "--depth", type=int, default=2, help="folder levels (default 2)"
        )
        named = parser.add_argument_group("registered sources")
        which = named.add_mutually_exclusive_group()
        which.add_argument("--source", metavar="NAME|ID", help="this one")
        which.add_argument("--all", action="store_true", help="all published ones")
        which.add_argument("--due", action="store_true", help="those whose time came")
        named.add_argument(
            "--queue", action="store_true", help="leave the work to the workers"
        )
        parser.add_argument(
            "--allow-removals",
            action="store_true",
            help="remove all that is no longer listed, however much it is, but what "
            "a person keeps",
        )
        parser.add_argument(
            "-f",
            "--force-clean",
            action="store_true",
            dest="clean_stale",
            help="remove what has been missing for STALE_EXPIRATION_DAYS "
            "while its source answered, however much it is",
        )
        parser.add_argument(
            "--reread", action="store_true", help="read unchanged documents again"
        )
        parser.add_argument("-v", "--verbose", action="store_true", help="say more")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        self._check_usage(options)
        if options["verbose"]:
            logging.getLogger("harvests").setLevel(logging.DEBUG)
        with interruption.ctrl_c() as self.interrupted:
            if options["src"]:
                self._once(options)
            else:
                self._registered(options)

    def _check_usage(self, options: dict[str, Any]) -> None:
        named = options["source"] or options["all"] or options["due"]
        once = options["src"] or options["dest"]
        if bool(named) == bool(once):
            raise Usage(
                "Give either -s URL and -d FOLDER, or one of --source, --all, --due."
            )
        if not once:
            return
        if not (options["src"] and options["dest"]):
            raise Usage("-s URL and -d FOLDER go together.")
        if options["queue"]:
            raise Usage("Leave out --queue: with -d FOLDER, no workers are asked.")
        try:
            parts = urlsplit(options["src"])
        except ValueError as error:
            raise Usage(f"{options['src']} is not a web address: {error}.") from error
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            registered = (
                " To harvest the registered sources, use --all."
                if parts.scheme.startswith("mongodb")
                else ""
            )
            raise Usage(
                f"{options['src']} is not a web address: it must start with http:// or "
                f"https://.{registered}"
            )
        if options["depth"] < 0:
            raise Usage("--depth must be 0 or more.")

    def _once(self, options: dict[str, Any]) -> None:
        tally, problem = Tally(), ""
        bar = Bar(sys.stderr)
        try:
            keep = not options["allow_removals"]
            folder, url = Path(options["dest"]), options["src"]
            with oneoff.tools_for(folder, url, keep=keep) as tools:
                plan = _plan(options)
                for event in harvest(plan, tools, cancelled=self.interrupted.is_set):
                    tally.add(event)
                    bar.show(tally)
                    self._tell_findings(event, options)
        except HarvestError as error:
            problem = _for_once(str(error))
            if options["json"]:  # else it is told on standard error
                tally.fail(options["src"], type(error)(problem))
        except Cancelled:
            problem = "Interrupted: what was harvested until then is kept."
        bar.clear()
        self._report(tally, options)
        if problem:
            raise Failed(problem)

    def _tell_findings(
        self, event: Outcome | Progress, options: dict[str, Any]
    ) -> None:
        if isinstance(event, Progress) or not options["verbose"] or options["json"]:
            return
        for finding in event.findings:
            line = f" line {finding.line}" if finding.line else ""
            self.stdout.write(
                f"{event.url}{line}: {finding.severity}: {finding.message}"
            )

    def _report(self, tally: Tally, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(tally.as_dict(), ensure_ascii=False))
            return
        for line in summary(tally, verbose=options["verbose"]):
            self.stdout.write(line)

    def _registered(self, options: dict[str, Any]) -> None:
        sources = self._sources(options)
        wanted = {
            "requested_by": "command line",
            "allow_removals": options["allow_removals"],
            "clean_stale": options["clean_stale"],
            "force": options["reread"],
        }
        if not options["queue"]:
            wanted["interrupted"] = self.interrupted
        start = jobs.enqueue_harvest if options["queue"] else jobs.run_now
        done: list[HarvestJob] = []
        problems: list[str] = []
        if not (sources or options["json"]):
            which = "due" if options["due"] else "published"
            self.stdout.write(f"No source is {which}: nothing to harvest.")
        for source in sources:
            if self.interrupted.is_set():
                break
            told = ""
            try:
                job = start(source, **wanted)
            except JobAlreadyActiveError as error:
                problems.append(str(error))
                continue
            except QueueError as error:
                problems.append(str(error))
                job = error.job
                if job is None:
                    continue
                told = "waits for Redis"
            done.append(job)
            if options["due"] and job.is_active:
                plan_next(source, timezone.now())
            if not options["json"]:
                self.stdout.write(f"{source}: {told or _told(job)}")
            if job.status in {JobStatus.FAILED, JobStatus.CANCELLED}:
                problems.append(f"{source}: {job.message}")
        if options["json"]:
            self.stdout.write(json.dumps(_totals(done), ensure_ascii=False))
        if problems:
            raise Failed("\n".join(dict.fromkeys(problems)))

    def _sources(self, options: dict[str, Any]) -> list[HarvestSource]:
        sources = HarvestSource.objects.select_related("organization")
        if options["all"]:
            return list(sources.published())
        if options["due"]:
            return list(sources.due(timezone.now()))
        try:
            return [sources.named(options["source"])]
        except HarvestSource.DoesNotExist as error:
            raise Usage(f"There is no source {options['source']!r}.") from error
        except HarvestSource.MultipleObjectsReturned as error:
            raise Usage(
                f"Several sources are named {options['source']!r}: give the id."
            ) from error


def _plan(options: dict[str, Any]) -> Plan:
    stale = dt.timedelta(days=settings.STALE_EXPIRATION_DAYS)
    return Plan(
        kind=KINDS[options["kind"]],
        url=options["src"],
        limits=conf.gather_limits(options["depth"]),
        allow_removals=options["allow_removals"],
        stale_after=stale if options["clean_stale"] else None,
        force=options["reread"],
    )


def _for_once(problem: str) -> str:
    """Put advice that is for the form of a source into the words of the options."""
    for name, kind in KINDS.items():
        label = SOURCES[kind].label
        problem = problem.replace(f"choose “{label}”", f"give -t {name} ({label})")
    return problem.replace("raise the source's depth", "raise --depth")


def _told(job: HarvestJob) -> str:
    if job.is_active:
        return "queued"
    counts = [(getattr(job, name), name) for name in _COUNTS]
    words = [f"{n} {name.replace('_', ' ')}" for n, name in counts if n]
    return f"{job.status}: {', '.join(words) or 'nothing found'}"


_COUNTS = (*(result.value for result in Result), "with_errors")


def _totals(done: list[HarvestJob]) -> dict[str, Any]:
    totals = {name: sum(getattr(job, name) for job in done) for name in _COUNTS}
    failures = [
        {"url": row.url, "stage": row.stage, "message": row.message}
        for job in done
        for row in job.outcomes.filter(outcome=Result.FAILED.value)
    ]
    return {
        "discovered": sum(job.num_records for job in done),
        **totals,
        "seconds": round(sum(job.seconds or 0 for job in done), 3),
        "failures": failures,
        "jobs": [
            {"id": job.pk, "source": str(job.source), "status": job.status}
            for job in done
        ],
    }
