"""The pages that are measured: each with the rows that make it work hardest."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

ORGANIZATION: Final = "Institute 01"  # as demo_catalogue names its first
API: Final = "/api/v3/"
ADMIN: Final = "/admin/harvests/{}/"
RECORDS: Final = ADMIN.format("harvestrecord")
COMMON, RARE, NOTHING = "buoy", "station 7 of data1.", "nowhere to be found"
Read = Callable[[str], Any]


def places(read: Read) -> dict[str, str]:
    """Return the path of each page, by what it is called.

    `read` returns the JSON at a path of the site, for somebody who is signed in.
    """
    source = _first(read, "sources", organization=ORGANIZATION)
    jobs = read(_api("jobs", source=source["id"], limit=50))["items"]
    record = _first(read, "records", source=source["id"], errors="true")
    finding = _first(read, "findings", source=source["id"], open="true")
    return {
        **_of_sources(source["id"]),
        **_of_jobs(source["id"], max(jobs, key=lambda job: job["added"])["id"]),
        **_of_records(source["id"], record["id"], finding["id"]),
        **_searches(record),
        **_of_findings(source["id"], finding["id"]),
        **_where(record),
        **_of_people(),
        **_for_programs(source["id"], finding["problem"]),
        **_for_anybody(source["id"]),
    }


def _first(read: Read, name: str, **query: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read(_api(name, limit=1, **query))["items"][0]
    return found


def _api(name: str, **query: Any) -> str:
    return f"{API}{name}?{urlencode(query)}"


def _of_sources(source: str) -> dict[str, str]:
    return {
        "dashboard": "/",
        "dashboard, failing": "/?state=failing",
        "dashboard, by share without errors": "/?sort=-share",
        "dashboard, a search": "/?q=source+12",
        "dashboard, live part": "/running/",
        "source": f"/sources/{source}/",
        "source, form": f"{ADMIN.format('harvestsource')}{source}/change/",
        "source, new": f"{ADMIN.format('harvestsource')}add/",
        "sources": ADMIN.format("harvestsource"),
        "organizations": ADMIN.format("organization"),
    }


def _of_jobs(source: str, job: str) -> dict[str, str]:
    jobs = ADMIN.format("harvestjob")
    return {
        "jobs": jobs,
        "jobs of a source": f"{jobs}?source={source}",
        "job": f"{jobs}{job}/change/",
        "job, failed outcomes": f"{jobs}{job}/change/?outcome=failed",
        "job, live part": f"{jobs}{job}/live/",
        "outcomes": ADMIN.format("harvestoutcome"),
        "outcomes of a job": f"{ADMIN.format('harvestoutcome')}?job={job}",
        "outcomes of a job, a search": (
            f"{ADMIN.format('harvestoutcome')}?job={job}&q={COMMON}"
        ),
    }


def _of_records(source: str, record: str, finding: str) -> dict[str, str]:
    return {
        "records": RECORDS,
        "records, page 100": f"{RECORDS}?p=100",
        "records, by title": f"{RECORDS}?o=0",
        "records with errors": f"{RECORDS}?errors=yes",
        "records with problems": f"{RECORDS}?problems=yes",
        "records held": f"{RECORDS}?held=yes",
        "records of a source": f"{RECORDS}?source={source}",
        "records of a source, by title": f"{RECORDS}?source={source}&o=0",
        "records of an organization": f"{RECORDS}?organization={quote(ORGANIZATION)}",
        "records of a finding": f"{RECORDS}?cause={finding}",
        "record": f"{RECORDS}{record}/change/",
        "record, XML": f"{RECORDS}{record}/xml/",
    }


def _searches(record: Mapping[str, Any]) -> dict[str, str]:
    searched = {
        "a common word": COMMON,
        "few have it": RARE,
        "an identifier": record["file_id"],
        "nothing found": NOTHING,
    }
    return {
        f"records, search: {name}": f"{RECORDS}?{urlencode({'q': text})}"
        for name, text in searched.items()
    }


def _of_findings(source: str, finding: str) -> dict[str, str]:
    causes = ADMIN.format("cause")
    within = f"?organization={quote(ORGANIZATION)}"
    return {
        "findings, whole site": f"{causes}problems/",
        "findings of an organization": f"{causes}problems/{within}",
        "findings by source": causes,
        "findings of a source": f"{causes}?source={source}",
        "finding": f"{causes}{finding}/change/",
    }


def _where(record: Mapping[str, Any]) -> dict[str, str]:
    asked = {
        "a title": record["title"],
        "a word": COMMON,
        "an identifier": record["file_id"],
        "a URL": record["url"],
        "a URL, nothing found": f"{record['url']}.gone",
        "nothing found": NOTHING,
    }
    return {
        f"where: {name}": f"/admin/where/?{urlencode({'q': text})}"
        for name, text in asked.items()
    }


def _of_people() -> dict[str, str]:
    return {
        "trash": ADMIN.format("trashedrecord"),
        "audit trail": "/admin/admin/logentry/",
        "users": "/admin/auth/user/",
        "notifications": "/admin/notifications/",
        "own notifications": "/accounts/notifications/",
        "own tokens": "/accounts/tokens/",
        "profile": "/accounts/profile/",
    }


def _for_programs(source: str, problem: str) -> dict[str, str]:
    return {
        "API: sources": _api("sources", limit=200),
        "API: jobs": _api("jobs"),
        "API: records": _api("records", limit=200),
        "API: records with errors": _api("records", source=source, errors="true"),
        "API: records of a problem": _api("records", problem=problem),
        "API: findings": _api("findings", severity="error"),
    }


def _for_anybody(source: str) -> dict[str, str]:
    folder = f"/waf/{quote(ORGANIZATION)}/"
    return {
        "about": "/about/",
        "central WAF": "/waf/",
        "central WAF, a folder": folder,
        "its index.json": f"{folder}index.json",
        "its changes.atom": f"{folder}changes.atom",
        "changes.atom of all": "/waf/changes.atom",
        "sitemap.xml": "/waf/sitemap.xml",
        "sitemap of a source": f"/waf/sitemap-{source}-1.xml",
        "badge": f"/badge/{source}.svg",
    }
