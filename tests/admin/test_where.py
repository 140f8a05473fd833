"""“Where is my dataset?”: each match, how far it came, and what stopped it."""

import pytest
from django.test import Client
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestOutcome, HarvestRecord, HarvestSource
from harvests.whereabouts import question_of

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = '"><img src=x onerror=alert(1)>(['


def asked(client: Client, text: str) -> str:
    response = client.get("/admin/where/", {"q": text})
    assert response.status_code == 200
    return response.content.decode()


def ways(client: Client, text: str) -> list[list[str]]:
    """The states of the steps of each match."""
    found = client.get("/admin/where/", {"q": text}).context["matches"]
    return [[step.state for step in match.steps] for match in found]


def reasons(client: Client, text: str) -> list[str]:
    """Why each source that could have it has it not."""
    found = client.get("/admin/where/", {"q": text}).context["candidates"]
    return [reason for candidate in found for reason in candidate.reasons]


@pytest.fixture
def record(good) -> HarvestRecord:
    """A valid record, published."""
    jobs.run_now(good)
    return good.records.order_by("url").first()


@pytest.fixture
def waf(source_of) -> HarvestSource:
    """A source that was harvested well, and has nothing."""
    when = {"last_harvest_status": "ok", "last_harvest_dt": timezone.now()}
    return source_of("https://data.example.org/waf/", name="Folder", **when)


def test_a_published_record_is_found_by_whatever_one_has(ada, record):
    service = f"https://csw.example.org/csw?request=GetRecordById&id={record.file_id}"
    portal = f"https://portal.example.org/srv/eng/#/metadata/{record.file_id}"
    for text in (
        *(record.url, record.url.replace("http:", "https:"), record.url + "#top"),
        *(record.record_url, record.file_name, record.file_name.removesuffix(".xml")),
        *(record.file_id, f" {record.file_id.upper()} ", service, portal),
        *(record.title, record.title[3:].upper(), record.url.rpartition("/")[2]),
    ):
        assert ways(ada, text)[0] == ["done"] * 4, text
        assert record.record_url in asked(ada, text)


def test_a_title_finds_twenty_and_says_that_there_are_more(ada, waf):
    rows = [
        HarvestRecord(source=waf, url=f"{waf.url}{n}", title=f"Mooring {n:02}")
        for n in range(22)
    ]
    HarvestRecord.objects.bulk_create(rows)
    page = asked(ada, "mooring")
    assert page.count('<ol class="ch-way">') == 20
    assert "These are the first 20; there are more." in page
    assert len(ways(ada, "Mooring 07")) == 1


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("fgdc.xml", ["done", "done", "stopped", "waiting"]),
        ("dead-link.xml", ["done", "stopped", "waiting", "waiting"]),
        ("swapped-box.xml", ["done", "done", "warning", "done"]),
    ],
)
def test_the_way_ends_where_it_stopped(ada, broken, name, states):
    row = broken.records.get(url__endswith=name)
    assert ways(ada, row.url) == [states]
    page = asked(ada, row.url)
    message = row.failure["message"] if row.failure else "1 error"
    assert message.split('"')[0].split("'")[0] in page


def test_an_older_version_that_stays_published_is_named(ada, record):
    for stage, states in {
        "gather": ["stopped", "waiting", "waiting", "warning"],
        "fetch": ["done", "stopped", "waiting", "warning"],
        "store": ["done", "done", "done", "stopped"],
        "": ["done"] * 4,
    }.items():
        record.failure = {"stage": stage, "message": "Broke."} if stage else None
        record.save()
        assert ways(ada, record.url) == [states]
        page = asked(ada, record.url)
        assert ("What was published before stays" in page) == bool(stage)


def test_a_record_that_was_never_published_says_so(ada, waf):
    HarvestRecord.objects.create(source=waf, url=f"{waf.url}a", title="Alone")
    assert ways(ada, "Alone") == [["done", "done", "done", "stopped"]]
    assert "It was never published." in asked(ada, "Alone")


def test_a_held_record_says_since_when_and_why(ada, held):
    row = held.records.filter(missing_since__isnull=False).first()
    assert ways(ada, row.url) == [["warning", "done", "done", "done"]]
    assert "The removal is held, so it stays published." in asked(ada, row.url)
    row.restored = True
    row.save()
    assert "Kept by hand" in asked(ada, row.url)


def test_a_removed_record_is_found_with_its_date(ada, held):
    row = held.records.filter(missing_since__isnull=False).first()
    jobs.run_now(held, allow_removals=True)
    removed = held.trash.get(url=row.url)
    for text in (row.url, row.file_id, row.file_name, row.title):
        page = asked(ada, text)
        assert "Removed. Its source did not list it any more." in page
        assert f"{removed.removed_at:%Y-%m-%d %H:%M}" in page
        assert f"/admin/harvests/trashedrecord/{removed.pk}/change/" in page


def test_a_pattern_that_leaves_it_out_is_named(ada, record):
    source = record.source
    source.exclude = "*.xml"
    source.save()
    assert "exclude pattern “*.xml” leaves it out" in asked(ada, record.url)
    jobs.run_now(source, allow_removals=True)
    unseen = record.url.replace(".xml", "-2.xml")
    assert reasons(ada, unseen)[0].startswith("The source's exclude pattern “*.xml”")


def test_of_a_source_that_fails_the_last_harvest_is_told(ada, record):
    HarvestSource.objects.update(last_harvest_status="fail", last_message="Gone.")
    assert ways(ada, record.url) == [["warning", "done", "done", "done"]]
    assert "The last harvest of the source failed: Gone." in asked(ada, record.url)
    assert reasons(ada, f"{record.source.url}new.xml") == [
        "The last harvest of the source failed: Gone."
    ]


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        ("a.xml", {}, "did not find this address"),
        ("a.xml", {"include": "b*"}, "None of the source's include patterns (b*)"),
        ("a/b/c/d.xml", {}, "It lies 3 folders below the source, which is read 2"),
        ("a.xml", {"last_harvest_dt": None}, "The source was never harvested."),
    ],
    ids=str,
)
def test_an_address_never_seen_names_its_source(ada, waf, path, changes, reason):
    HarvestSource.objects.update(**changes)
    for scheme in ("https", "http"):
        address = f"{scheme}://data.example.org/waf/{path}"
        assert reason in " ".join(reasons(ada, address))
        assert "Folder" in asked(ada, address)


def test_the_last_job_has_the_last_word(ada, waf):
    job = waf.jobs.create(status="finished", removed=1)
    url = f"{waf.url}old.xml"
    HarvestOutcome.objects.create(job=job, url=url, outcome="removed", message="Bye.")
    page = asked(ada, url)
    assert "Bye." in page
    assert f"/admin/harvests/harvestjob/{job.pk}/change/" in page
    waf.jobs.update(removed=30_000)  # too many outcomes to look through
    assert "Bye." not in asked(ada, url)


def test_a_catalogue_is_above_its_own_requests_only(ada, source_of):
    source_of("https://e.org/csw?service=CSW", harvest_type="CSW", name="Catalogue")
    request = "https://e.org/csw?service=CSW&request=GetRecordById&id=x"
    assert reasons(ada, request) == ["The source was never harvested."]
    page = asked(ada, "https://e.org/other/a.xml")
    assert "its address is below no source" in page
    assert "Catalogue" in page


def test_nothing_found_says_what_to_do(ada, waf):
    assert "Paste the address of the document" in asked(ada, "no such title")
    assert "no source is registered on its server" in asked(ada, "https://else.org/a")
    assert "ch-way" not in asked(ada, "").partition("</style>")[2]


@pytest.mark.parametrize(
    "text",
    [EVIL, "%%%", "___", "a" * 5000, "http://[", "x\0", "https://e.org/%", "(?:"],
)
def test_hostile_questions_are_text(ada, waf, text):
    HarvestRecord.objects.create(source=waf, url="javascript:alert(1)", title=EVIL)
    page = asked(ada, text)
    assert "<img" not in page
    assert 'href="javascript:' not in page
    assert len(ways(ada, text)) == (text == EVIL)


def test_a_question_takes_few_queries(
    vera, record, held, waf, django_assert_max_num_queries
):
    jobs.run_now(held, allow_removals=True)
    for text in (
        *(record.url, record.title, "moor", "nothing at all", f"{waf.url}new.xml"),
        held.trash.first().url,
    ):
        with django_assert_max_num_queries(12):
            asked(vera, text)


def test_the_page_is_for_members_and_in_their_menu(vera):
    assert Client().get("/admin/where/").status_code == 302
    assert 'href="/admin/where/"' in vera.get("/").content.decode()


def test_an_address_is_read_as_people_paste_it():
    found = question_of(" HTTPS://e.org/a b/x%20y.xml?id=7#/metadata/uuid-1 ")
    assert "http://e.org/a b/x y.xml?id=7" in found.urls
    assert found.names == ("x y.xml",)
    assert {"7", "uuid-1", "x y"} <= set(found.identifiers)
    assert question_of("ftp://e.org/a.xml").address == ""
