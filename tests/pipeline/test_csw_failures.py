"""Records and pages that cannot be had: each costs itself, and nothing else."""

import itertools

import pytest

from harvests.pipeline.types import FetchPolicy
from tests.csw_server import brief, by_id, exception, iso, numbered, serving
from tests.misbehaving import closed_port
from tests.pipeline.csw_runs import POLICY, gathered
from tests.pipeline.test_csw_paging import SMALL, on_pages

BAD = {
    "status 500": lambda page: (500, b"<html>Oh no</html>"),
    "exception": lambda page: exception("Cannot serialise record"),
    "malformed": lambda page: page.replace(b"r013<", b"r013</oops><"),
    "control character": lambda page: page.replace(b"r013<", b"r013\x01<"),
    "unknown entity": lambda page: page.replace(b"r013<", b"r013&nope;<"),
    "cut short": lambda page: page[: page.index(b"r013")],
    "web page": lambda page: b"<!DOCTYPE html><html><body>Login</body></html>",
    "nothing": lambda page: b"",
}


def breaking(spoil, *, brief_too: bool = False, alone: bool = True):
    """Spoil every answer that holds the record r013."""

    def odd(ask, server):
        is_page = ask.request == "GetRecords" and (brief_too or not ask.is_brief)
        if not is_page and not (alone and ask.request == "GetRecordById"):
            return None
        page = server.honest(ask)
        return spoil(page) if b"r013<" in page else None

    return odd


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_bad_record_costs_that_record_not_its_page(spoil):
    with serving(numbered(25), breaking(spoil), **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert sorted(result.identifiers) == sorted(server.records)
    [bad] = [record for record in result.records if record.problem]
    assert bad.name == "r013.xml"
    assert "lists the record r013, but does not give it" in bad.problem


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_bad_record_is_taken_alone_where_the_server_gives_it_alone(spoil):
    with serving(numbered(25), breaking(spoil, alone=False), **SMALL) as server:
        result = gathered(server.url)
    assert (result.error, result.problems) == ("", [])
    assert sorted(result.identifiers) == sorted(server.records)


def test_a_bad_record_has_the_address_that_it_always_has():
    with serving(numbered(25), **SMALL) as server:
        before = {record.url for record in gathered(server.url).records}
        server.odd = breaking(BAD["malformed"])
        after = {record.url for record in gathered(server.url).records}
    assert before == after


def test_few_requests_find_a_bad_record():
    with serving(numbered(100), breaking(BAD["exception"])) as server:
        gathered(server.url)
    assert len(server.pages()) < 30


def test_several_bad_records_are_told_apart():
    def odd(ask, server):
        page = server.honest(ask)
        bad = [name for name in (b"r003", b"r004", b"r024") if name + b"<" in page]
        return (500, b"") if bad and not ask.is_brief else page

    with serving(numbered(25), odd, **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert [r.name for r in result.records if r.problem] == [
        *("r003.xml", "r004.xml", "r024.xml")
    ]


def test_a_bad_record_that_nobody_can_name_makes_the_harvest_incomplete():
    odd = breaking(BAD["status 500"], brief_too=True)
    with serving(numbered(25), odd, **SMALL) as server:
        result = gathered(server.url)
    assert len(result.records) == 24
    assert "which are missing cannot be told" in result.error
    assert "500" in result.error


def test_a_first_record_that_is_bad_is_no_reason_to_give_up():
    def odd(ask, server):
        page = server.honest(ask)
        return exception("No") if b"r001<" in page and not ask.is_brief else page

    with serving(numbered(25), odd, **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert [r.name for r in result.records if r.problem] == ["r001.xml"]


def test_pages_that_are_too_much_at_once_are_asked_for_in_smaller_ones():
    def odd(ask, server):
        return (500, b"") if ask.size > 6 else None

    with serving(numbered(60), on_pages(odd), most=20) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (60, "")
    assert len(server.pages()) < 60


@pytest.mark.parametrize("answer", [(500, b""), exception("Database is down")])
def test_a_catalogue_that_fails_whatever_it_is_asked_is_given_up_quickly(answer):
    with serving(numbered(500), on_pages(lambda *_: answer)) as server:
        result = gathered(server.url, FetchPolicy(**{**policy(), "retries": 0}))
    assert result.records == []
    assert "stopped giving records at position 1" in result.error
    assert len(server.asks) < 20


def test_a_catalogue_that_takes_no_requests_is_told_in_words_that_fit():
    with serving(numbered(5), on_pages(lambda *_: (501, b""))) as server:
        result = gathered(server.url)
    assert result.error == (
        f"{server.url} stopped giving records at position 1: the server answered 501 "
        "Not Implemented: it does not take such requests; check the address and the "
        "kind of the source. Nothing was removed; if it stays so, tell the provider."
    )


def test_a_catalogue_in_trouble_is_told_of_once():
    with serving(numbered(5), on_pages(lambda *_: (500, b""))) as server:
        result = gathered(server.url, FetchPolicy(**{**policy(), "retries": 0}))
    assert result.error == (
        f"{server.url} stopped giving records at position 1: the server answered 500 "
        "Internal Server Error: the server is in trouble; if it stays so, tell the "
        "provider. Nothing was removed."
    )


def policy() -> dict[str, object]:
    return {name: getattr(POLICY, name) for name in POLICY.__slots__}


def test_a_catalogue_that_breaks_down_midway_is_given_up_quickly():
    def odd(ask, _server):
        return (503, b"") if ask.start > 200 else None

    with serving(numbered(500), on_pages(odd)) as server:
        result = gathered(server.url, FetchPolicy(**{**policy(), "retries": 0}))
    assert len(result.records) == 200
    assert "stopped giving records at position 201" in result.error
    assert len(server.asks) < 25


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_no_other_request_will_better_ends_the_harvest_at_once(status):
    with serving(numbered(25), on_pages(lambda *_: (status, b"")), **SMALL) as server:
        result = gathered(server.url)
    assert str(status) in result.error
    assert len(server.pages()) == 1


def test_a_server_that_is_down_is_named():
    with closed_port() as port:
        result = gathered(f"http://127.0.0.1:{port}/csw")
    assert "refused the connection" in result.error


def test_two_records_of_one_identifier_are_told_apart():
    def twins(ask, server):
        page = server.honest(ask)
        return page.replace(b"r003<", b"r002<") if ask.request == "GetRecords" else page

    records = {f"r{n:03}": iso(f"r{n:03}", f"Title {n}") for n in range(1, 6)}
    with serving(records, twins) as server:
        result, again = gathered(server.url), gathered(server.url)
    assert result.error == ""
    assert len(result.records) == len({record.url for record in result.records}) == 5
    [problem] = result.problems
    assert "has the identifier r002 as well" in problem
    assert result == again


def test_the_same_record_twice_counts_as_one_and_may_hide_another():
    records = {"a": iso("a"), "b": iso("b"), "a again": iso("a")}

    def names(ask, server):
        page = server.honest(ask)
        return page.replace(b">a again<", b">a<")

    with serving(records, names) as server:
        result = gathered(server.url)
    assert result.identifiers == ["a", "b"]
    assert "has 3 records, but gave 2" in result.error
    assert "sent 1 of them more than once" in result.error


def test_a_record_without_an_identifier_is_a_problem_that_stays_the_same():
    records = {"a": iso("a"), "": iso(""), "b": iso("b")}
    with serving(records) as server:
        result, again = gathered(server.url), gathered(server.url)
    assert (len(result.records), result.error) == (3, "")
    [problem] = result.problems
    assert "has no gmd:fileIdentifier" in problem
    assert result == again


def test_a_record_that_is_not_iso_is_a_problem():
    records = {"a": iso("a"), "b": brief("b").replace(b"Brief", b"")}
    with serving(records) as server:
        result = gathered(server.url)
    [problem] = result.problems
    assert "not an ISO 19139 record but a <Record>" in problem
    assert result.error == ""


def test_a_record_that_its_server_leaves_out_as_not_iso_is_a_problem():
    """GeoNetwork 4.2.4 and newer: core-geonetwork, pull request 6941."""

    def leaving_out(ask, server):
        page = server.honest(ask)
        return page if ask.is_brief else page.replace(iso("r002"), b"")

    with serving(numbered(5), leaving_out) as server:
        result = gathered(server.url)
    assert sorted(result.identifiers) == sorted(server.records)
    [problem] = result.problems
    assert "it sends none as ISO 19139" in problem


@pytest.mark.parametrize("count", [3, 250])
def test_a_catalogue_without_any_iso_record_is_told_so(count):
    names = [f"d{n}" for n in range(count)]
    records = {name: brief(name).replace(b"Brief", b"") for name in names}
    with serving(records, schemas=("http://www.opengis.net/cat/csw/2.0.2",)) as server:
        result = gathered(server.url)
    assert "gives none as ISO 19139 (but <Record>)" in result.error
    assert "it offers these output schemas: http://www.opengis.net" in result.error
    assert len(server.pages()) < 10


def test_identifiers_that_are_not_those_of_the_records_are_not_trusted():
    def odd(ask, server):
        page = server.honest(ask)
        if ask.request == "GetRecords" and not ask.is_brief:
            return page.replace(b">r0", b">uuid-0").replace(iso("uuid-003"), b"")
        return page

    with serving(numbered(5), odd) as server:
        result = gathered(server.url)
    assert "5 of its identifiers are not those of records it sent" in result.error


def test_identifiers_that_are_not_listed_either_make_the_harvest_incomplete():
    def silent(ask, server):
        if ask.is_brief:
            return exception("No brief records")
        return server.honest(ask, total=9) if ask.request == "GetRecords" else None

    with serving(numbered(5), silent) as server:
        result = gathered(server.url)
    assert len(result.records) == 5
    assert "it does not list their identifiers either" in result.error


def test_a_list_with_nameless_records_tells_nothing():
    def nameless(ask, server):
        page = server.honest(ask)
        if ask.is_brief:
            return page.replace(b"<dc:identifier>r003</dc:identifier>", b"")
        return page.replace(iso("r003"), b"")

    with serving(numbered(5), nameless) as server:
        result = gathered(server.url)
    assert "some records have no identifier by which to ask" in result.error


def test_foreign_records_without_a_name_are_told_apart():
    records = {"a": iso("a"), "x": b"<x>1</x>", "y": b"<x>2</x>"}
    with serving(records) as server:
        result = gathered(server.url)
    assert len(result.problems) == len({r.url for r in result.records}) - 1 == 2


def test_a_record_that_is_known_by_two_names_is_taken_once():
    """Its dc:identifier is not its gmd:fileIdentifier."""

    def two_names(ask, server):
        if ask.is_brief:
            return server.honest(ask, total=6).replace(b">r003<", b">doc-3<")
        if ask.id == "doc-3":
            return by_id(iso("r003"))
        return server.honest(ask, total=6) if ask.request == "GetRecords" else None

    with serving(numbered(5), two_names) as server:
        server.records["r006"] = iso("r005")
        result = gathered(server.url)
    assert sorted(set(result.identifiers)) == ["r001", "r002", "r003", "r004", "r005"]


def test_entities_are_not_expanded_and_bombs_do_not_go_off():
    def bomb(_ask, server):
        page = server.honest(_ask)
        kinds = "".join(
            f'<!ENTITY {b} "{f"&{a};" * 10}">'
            for a, b in itertools.pairwise("abcdefghi")
        )
        head = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{kinds}]>'.encode()
        head, page = b"<?xml version='1.0'?>" + head, page.partition(b"?>\n")[2]
        return head + page.replace(b"A record", b"&i;")

    with serving(numbered(2), on_pages(bomb)) as server:
        result = gathered(server.url)
    assert all(len(record.body or b"") < 2000 for record in result.records)
