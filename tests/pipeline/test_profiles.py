"""What a source's profile asks of its records."""

from harvests.pipeline.iso import read
from harvests.pipeline.publishing import publish
from harvests.pipeline.types import Profile, Stage
from tests.folders import record
from tests.pipeline.test_runner import run  # noqa: F401 - a fixture

UNTITLED = record("a").replace(b"Dataset a</gco", b"</gco")
STRICT = Profile(publish_errors=False)


def rules(run) -> set[str]:  # noqa: F811
    return {finding.rule for outcome in run.outcomes for finding in outcome.findings}


def broken(identifier: str) -> bytes:
    """Wrong for the schema, and for nothing else."""
    return record(identifier).replace(b"<gmd:language>", b"<gmd:tongue/><gmd:language>")


def test_the_schema_can_be_left_out(site, run):  # noqa: F811
    path, url = site
    (path / "a.xml").write_bytes(broken("a"))
    run(url)
    assert "xsd" in rules(run)
    run(url, profile=Profile(schema=False))
    assert "xsd" not in rules(run)
    assert run.counts() == {"unchanged": 1}


def test_our_own_rules_can_be_left_out(site, run):  # noqa: F811
    path, url = site
    (path / "a.xml").write_bytes(UNTITLED)
    run(url)
    assert "title-missing" in rules(run)
    run(url, profile=Profile(rules=False))
    assert "title-missing" not in rules(run)


def test_a_changed_profile_reads_unchanged_records_once_more(site, run):  # noqa: F811
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    run(url)
    profile = Profile(schema=False)
    run(url, profile=profile)
    assert run.outcomes[0].metadata is not None
    run(url, profile=profile)
    assert run.outcomes[0].metadata is None


def test_records_with_errors_stay_unpublished_where_the_source_says_so(
    site,
    run,  # noqa: F811
):
    path, url = site
    (path / "a.xml").write_bytes(broken("a"))
    (path / "b.xml").write_bytes(record("b"))
    assert run(url, profile=STRICT) == {"added": 1, "failed": 1}
    failed = next(o for o in run.outcomes if o.stage)
    assert failed.stage is Stage.VALIDATE
    assert failed.message.startswith("Not published: it has 1 error, and its source")
    assert failed.metadata.title == "Dataset a"
    assert failed.findings
    assert len(run.folder.names()) == 1


def test_a_record_that_breaks_keeps_its_last_good_version(site, run):  # noqa: F811
    path, url = site
    file = path / "a.xml"
    file.write_bytes(record("a"))
    run(url, profile=STRICT)
    file.write_bytes(broken("a"))
    assert run(url, profile=STRICT) == {"failed": 1}
    (name,) = run.folder.names()
    assert run.folder.read(name) == publish(read(record("a")))
    file.write_bytes(record("a", title="Mended", date="2026-01-01"))
    assert run(url, profile=STRICT) == {"changed": 1}
