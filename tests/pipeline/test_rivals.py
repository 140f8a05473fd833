"""Identifiers that come twice, by the outcomes alone and by what is known beside."""

from harvests.pipeline.rivals import Rival, none_known, told
from harvests.pipeline.types import Metadata, Outcome, Result


def outcome(name: str, identifier: str, result: Result = Result.ADDED) -> Outcome:
    metadata = Metadata(identifier=identifier)
    return Outcome(result, f"https://h/{name}", name, metadata=metadata)


def others(outcomes: list[Outcome], rivals=none_known) -> list[list[str]]:
    found = told(outcomes, rivals)
    return [[f.message.split(" of ")[1] for f in o.findings] for o in found]


def test_records_that_come_together_are_rivals():
    found = others([outcome("a", "x"), outcome("b", "y"), outcome("c", "x")])
    assert [[text.split(";")[0] for text in said] for said in found] == [
        ["https://h/c"],
        [],
        ["https://h/a"],
    ]


def test_what_is_known_beside_them_comes_first():
    rival = Rival("https://other/z", elsewhere=True)
    ((said,),) = others(
        [outcome("a", "x")], lambda wanted: dict.fromkeys(wanted, rival)
    )
    assert said.startswith("https://other/z in another source; CKAN")


def test_records_without_identifier_or_not_published_have_none():
    def refuse(wanted):
        raise AssertionError(wanted)

    failed = outcome("b", "x", Result.FAILED)
    gone = Outcome(Result.REMOVED, "https://h/c", "c")
    assert others([outcome("a", ""), failed, gone], refuse) == [[], [], []]
