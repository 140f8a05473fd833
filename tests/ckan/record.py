"""Records a real CKAN's answers for the tests: `python -m tests.ckan.record`.

Needs .venv/ckan (`make test-ckan` makes it). Writes tests/data/ckan/answers.json.
"""

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import requests

from tests.ckan import rig
from tests.folders import record, served

ANSWERS: Final = Path(__file__).resolve().parents[1] / "data" / "ckan" / "answers.json"
FOLDER: Final = "Ocean Institute"
SOURCE: Final = "ocean-waf"


class Recorder:
    """Asks CKAN and keeps what it answers, as of hosts that exist nowhere."""

    def __init__(self, ckan: rig.Ckan, waf: str) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._ckan = ckan
        self._hosts = {
            ckan.url: "https://ckan.example.org",
            waf: "http://waf.example.org/",
        }

    def ask(self, name: str, action: str, token: str = "", **data: Any) -> Any:
        """Call an action and keep the answer by that name; return its result."""
        url = f"{self._ckan.url}/api/action/{action}"
        headers = {"Authorization": token} if token else {}
        answer = requests.post(url, json=data, headers=headers, timeout=60)
        body = answer.text
        for real, shown in self._hosts.items():
            body = body.replace(real, shown)
        self.answers[name] = {
            "action": action,
            "status": answer.status_code,
            "type": answer.headers["Content-Type"],
            "body": body,
        }
        found = answer.json()
        return found.get("result") if isinstance(found, dict) else found


def zoned(identifier: str) -> bytes:
    """A date with a zone: ISO 19139 allows it, and CKAN cannot read it."""
    return record(identifier, date="2025-01-01Z")


def write_records(folder: Path) -> None:
    """Write one record that CKAN takes, and two kinds that it refuses."""
    folder.mkdir()
    bodies = {
        "a.xml": record("a"),
        "twin1.xml": record("twin", title="One"),
        "twin2.xml": record("twin", title="Two"),
        "zoned.xml": zoned("zoned"),
    }
    for name, body in bodies.items():
        (folder / name).write_bytes(body.replace(b' encoding="UTF-8"', b""))


def walk(recorder: Recorder, ckan: rig.Ckan, waf: str) -> None:
    """Ask everything that ours asks, as those who may and as those who may not."""
    ask, token, reader = recorder.ask, ckan.token, ckan.reader
    make_source(ckan, f"{waf}Ocean%20Institute/")
    ask("status", "status_show")
    ask("user", "user_show", token)
    ask("reader", "user_show", reader)
    ask("nobody", "user_show", "not-a-token")
    ask("unknown-source", "harvest_source_show", token, id="nope")
    ask("no-action", "harvest_nonsense", token)
    ask("create-invalid", "harvest_source_create", token)
    ask("create-refused", "harvest_source_create", reader)
    source = ask("source-new", "harvest_source_show", token, id=SOURCE)
    ask("list", "harvest_job_list", token, source_id=source["id"], status="New")
    ask("list-refused", "harvest_job_list", reader, source_id=source["id"])
    ask("job-refused", "harvest_job_create", reader, source_id=source["id"])
    job = ask("job", "harvest_job_create", token, source_id=source["id"])
    ask("job-exists", "harvest_job_create", token, source_id=source["id"])
    ask("source-open", "harvest_source_show", token, id=SOURCE)
    rig.wait_for(lambda: _job(ckan)["gather_finished"])
    ask("source-running", "harvest_source_show", token, id=SOURCE)
    ckan.finish(SOURCE)
    ask("source-finished", "harvest_source_show", token, id=SOURCE)
    ask("report", "harvest_job_report", token, id=job["id"])
    ask("report-refused", "harvest_job_report", reader, id=job["id"])


def walk_on(recorder: Recorder, ckan: rig.Ckan, folder: Path) -> None:
    """What CKAN says of a day without changes, and of a source that was deleted."""
    ask, token = recorder.ask, ckan.token
    for name in ("twin1.xml", "twin2.xml", "zoned.xml"):
        (folder / name).unlink()
    for _job_number in range(2):
        ckan.call("harvest_job_create", source_id=_source(ckan)["id"])
        ckan.finish(SOURCE)
    job = ask("source-nothing", "harvest_source_show", token, id=SOURCE)
    ask(
        "report-nothing",
        "harvest_job_report",
        token,
        id=job["status"]["last_job"]["id"],
    )
    ckan.call("harvest_source_delete", id=SOURCE)
    ask("source-deleted", "harvest_source_show", token, id=SOURCE)


def make_source(ckan: rig.Ckan, url: str) -> None:
    ckan.call("organization_create", name="ocean", title="Ocean Institute")
    ckan.call(
        "harvest_source_create",
        name=SOURCE,
        title="Ocean",
        url=url,
        source_type="waf",
        owner_org="ocean",
    )


def _source(ckan: rig.Ckan) -> Any:
    return ckan.call("harvest_source_show", id=SOURCE)


def _job(ckan: rig.Ckan) -> Any:
    return _source(ckan)["status"]["last_job"]


def main() -> None:
    work = Path(tempfile.mkdtemp(prefix="ckan-record-"))
    began = time.monotonic()
    try:
        (work / "waf").mkdir()
        (work / "nginx").mkdir()
        (work / "ckan").mkdir()
        write_records(work / "waf" / FOLDER)
        with (
            served(work / "waf", work / "nginx") as waf,
            rig.running(work / "ckan") as ckan,
        ):
            recorder = Recorder(ckan, waf)
            walk(recorder, ckan, waf)
            walk_on(recorder, ckan, work / "waf" / FOLDER)
        ANSWERS.parent.mkdir(exist_ok=True)
        ANSWERS.write_text(json.dumps(recorder.answers, indent=1) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(recorder.answers)} answers in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
