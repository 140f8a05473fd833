"""Rows whose every foreign text does its worst, and what must not come out of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import lxml.html
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone

from harvests import conf, problems, tokens, trail
from harvests.models import (
    Account,
    Cause,
    CkanComplaint,
    CkanSource,
    Delivery,
    Event,
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Organization,
    TrashedRecord,
    WebHook,
    cause_id,
)
from tests.folders import record

MARK: Final = "pwned"
TURNED: Final = "\u202eשלום"  # what follows would be shown from right to left
TAGS: Final = f"<script>{MARK}()</script>\"'&<img src=x onerror={MARK}()>"
TEXT: Final = f"{TAGS}{{{{7*7}}}} {TURNED} 😀"
LONG: Final = f"{TEXT} {'abstract ' * 1_111}"  # 10,000 characters and some
FORMULA: Final = f"=cmd|' /C calc'!A0 {TEXT}"
SCRIPT: Final = f"javascript:{MARK}()//{TAGS}"
URL: Final = f'https://example.org/"><img src=x onerror={MARK}()>{TURNED}'
FOLDER: Final = f"{TAGS.replace('/', '')} {TURNED} 😀"
FILE: Final = f"=cmd {FOLDER}.xml"
RULE: Final = f"xsd {TAGS}"[:60]


def hostile_rows(ckan_url: str) -> dict[str, Any]:
    """Return one row of everything, by the name of its model, as `tests.roles` does."""
    organization = Organization.objects.create(
        name=FOLDER, description=LONG, url=SCRIPT, ckan_harvest_url=SCRIPT
    )
    source = _source(organization)
    user = User.objects.create_user(
        TEXT[:150], first_name=TEXT[:150], email=f"{TAGS}@example.org"
    )
    Account.objects.create(user=user, wanted=[FOLDER], other=TEXT, contact_name=TEXT)
    trail.note(user, source, TEXT)
    rows = {
        "logentry": LogEntry.objects.get(),
        "organization": organization,
        "harvestsource": source,
        "user": user,
        "apitoken": tokens.make(user, TEXT[:100])[0],
        "webhook": WebHook.objects.create(
            url=SCRIPT, organization=organization, note=TEXT, failing_since=source.since
        ),
        "harvestrecord": _record(source),
        "cause": Cause.objects.get(),
        "trashedrecord": TrashedRecord.objects.create(
            source=source, url=SCRIPT, title=FORMULA, file_name=FILE, row={"a": TEXT}
        ),
        **_job(source),
    }
    _ckan(source, ckan_url)
    _told(source, rows["harvestjob"])
    return rows


def _source(organization: Organization) -> HarvestSource:
    source = HarvestSource.objects.create(
        name=FORMULA[:200],
        url=URL,
        organization=organization,
        last_message=LONG,
        last_harvest_status="fail",
        publish=True,
        last_harvest_dt=timezone.now(),
        last_record_count=2,
        held_count=1,
        harvest_contact=f"{TAGS}@example.org",
        include=TEXT,
        recent_jobs=[{"status": TAGS, "finished": TAGS, "added": 1}],
    )
    source.since = timezone.now()
    return source


def _finding(severity: str) -> dict[str, Any]:
    place = {"line_number": 4, "xpath": f"/*[local-name()='{TAGS}']"}
    return {"rule": RULE, "severity": severity, "error": FORMULA, **place}


def _record(source: HarvestSource) -> HarvestRecord:
    errors, warnings = [_finding("error")], [_finding("warning")]
    contact = {"name": TEXT, "organization": TEXT, "email": TEXT, "role": TAGS}
    made = HarvestRecord.objects.create(
        source=source,
        url=SCRIPT,
        title=FORMULA,
        description=LONG,
        file_id=FORMULA,
        file_name=FILE,
        record_url=SCRIPT,
        metadata_date=TAGS[:40],
        failure={"stage": TAGS, "message": FORMULA},
        validation_errors=errors,
        validation_warnings=warnings,
        error_count=1,
        warning_count=1,
        sha256="0" * 64,
        size=1,
        causes=problems.note([*errors, *warnings]),
        services=[{"service_type": TEXT, "service_url": SCRIPT}],
        details={
            "root": TAGS,
            "time_start": TEXT,
            "time_end": TEXT,
            "keywords": [TEXT],
            "contacts": [contact],
            "boxes": [],
            "links": [{"url": SCRIPT, "protocol": TAGS, "name": TEXT}],
        },
    )
    HarvestRecord.objects.create(
        source=source, url=URL, title=TEXT, missing_since=timezone.now()
    )
    _publish(made)
    problem = problems.key_of(RULE, FORMULA)
    cause = {"problem": problem, "rule": RULE, "severity": "error", "message": TEXT}
    Cause.objects.create(
        pk=cause_id(source.pk, problem), source=source, records=1, findings=1, **cause
    )
    return made


def _publish(made: HarvestRecord) -> None:
    path = Path(conf.store().folder(FOLDER).path)
    path.mkdir(parents=True, exist_ok=True)
    title = TEXT.replace("&", "&amp;").replace("<", "&lt;")
    comment = f"\n<!-- {TEXT} -->".encode()
    (path / FILE).write_bytes(record("hostile", title=title) + comment)


def _job(source: HarvestSource) -> dict[str, Any]:
    job = HarvestJob.objects.create(
        source=source,
        status="finished",
        finished=timezone.now(),
        failure={"code": 0, "message": LONG},
        requested_by=TEXT[:150],
        worker=TEXT[:200],
        added=1,
        failed=1,
        stage="fetch",
        requests={"requests": 1, "by_status": {TAGS: 1}, "slowest": [SCRIPT, 1.0]},
    )
    facts = {"job": job, "title": FORMULA, "message": LONG, "file_name": FILE}
    HarvestOutcome.objects.create(url=URL, outcome="added", **facts)
    outcome = HarvestOutcome.objects.create(
        url=SCRIPT, outcome="failed", stage="fetch", **facts
    )
    return {"harvestjob": job, "harvestoutcome": outcome}


def _ckan(source: HarvestSource, url: str) -> None:
    source.ckan_harvest_url = f"{url}/harvest/hostile"
    source.save()
    row = CkanSource.objects.create(
        id="hostile",
        message=TEXT,
        job_status=TAGS[:30],
        gather_errors=[TEXT],
        complaint_count=1,
        counts={TAGS: 1},
    )
    error = {"message": TEXT, "line": TAGS, "type": TAGS}
    CkanComplaint.objects.create(
        ckan_source=row, url=SCRIPT, place=f"{FOLDER}/{FILE}", errors=[error]
    )


def _told(source: HarvestSource, job: HarvestJob) -> None:
    event = Event.objects.create(
        id=f"{job.pk}-failing",
        source=source,
        job_key=job.pk,
        kind="failing",
        sentence=f"{TEXT}\x0b",
        reasons=[LONG],
    )
    Delivery.objects.create(
        id="d",
        event=event,
        channel="email",
        state="failed",
        receiver=f"{TAGS}@example.org",
        problem=TEXT,
    )


def harm_in(page: str) -> Iterator[str]:
    """Yield what a browser would run, fetch or turn round of our texts in a page."""
    for node in lxml.html.document_fromstring(page).iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag == "script" and _runs(node):
            yield f"script: {node.text}"
        if node.tag == "img" and node.get("src") == "x":
            yield "an image of theirs"
        if TURNED in (node.text or "") and not _is_isolated(node):
            yield f"turns what follows: {lxml.html.tostring(node)[:300]!r}"
        for name, value in node.attrib.items():
            if _is_code(name, value):
                yield f"{node.tag} {name}={value[:200]}"


def _runs(node: Any) -> bool:
    return MARK in (node.text or "") and node.get("type") != "application/json"


# Each is a box of its own, from which no direction leaks
BOXES: Final = {"bdi", "td", "th", "li", "p", "pre", "div", "title", "option", "dd"}
BOXES.update(("textarea", "h1", "h2", "h3", "summary", "button"))
BOX_CLASSES: Final = {"inline-block", "truncate", "block", "flex"}


def _is_isolated(node: Any) -> bool:
    """Tell whether the box that text stands in has nothing after it.

    In the index of the central WAF, CKAN would stumble over what isolates.
    """
    if next(node.iterancestors("pre"), None) is not None:
        return True
    while node.tag not in BOXES and not BOX_CLASSES & set(node.classes):
        after = [node.tail or "", *(n.text_content() for n in node.itersiblings())]
        if any(text.strip(" .\n") for text in after):
            return False
        node = node.getparent()
    return True


def _is_code(name: str, value: str) -> bool:
    if name in {"href", "src", "action", "formaction", "data", "hx-get", "hx-post"}:
        return urlsplit(value.strip()).scheme.lower() == "javascript"
    return MARK in value and name.startswith(("on", "hx-on", "x-", "@", ":", "hx-vals"))


def texts_in(answer: Any) -> Iterator[str]:
    """Yield each text of an answer in JSON. Raises ValueError."""
    found = [json.loads(answer.getvalue())]
    while found:
        value = found.pop()
        if isinstance(value, dict):
            found += [*value, *value.values()]
        elif isinstance(value, list):
            found += value
        elif isinstance(value, str):
            yield value


def query(**values: str) -> str:
    return urlencode(values)
