"""What a one-off harvest remembers in its hidden file."""

import pytest

from harvests.pipeline.errors import StoreError
from harvests.pipeline.file_ledger import FILE_NAME, FileLedger
from harvests.pipeline.types import Metadata, Outcome, Result


@pytest.fixture
def ledger(tmp_path):
    opened = FileLedger(tmp_path, "http://x/")
    yield opened
    opened.close()


def outcome(url: str, **fields: object) -> Outcome:
    values = {"name": f"{url}.xml", "metadata": Metadata(), "hash_val": "h", **fields}
    return Outcome(Result.ADDED, url, **values)


def test_it_knows_what_it_saved(ledger):
    ledger.save([outcome("a", etag='"1"', with_errors=True), outcome("b")])
    known = ledger.look_up(["a", "c"])
    assert set(known) == {"a"}
    assert (known["a"].etag, known["a"].has_errors) == ('"1"', True)


def test_it_keeps_new_validators_of_unchanged_records(ledger):
    ledger.save([outcome("a", etag='"1"')])
    ledger.save([Outcome(Result.UNCHANGED, "a", "a.xml", etag='"2"')])
    ledger.save([Outcome(Result.UNCHANGED, "a", "a.xml")])
    assert ledger.look_up(["a"])["a"].etag == '"2"'


def test_a_name_belongs_to_the_first_who_claims_it(tmp_path, ledger):
    assert ledger.claim({"a": "same.xml", "b": "same.xml"}) == {
        "a": "same.xml",
        "b": ledger.claim({"b": "same.xml"})["b"],
    }
    assert ledger.claim({"b": "same.xml"})["b"].startswith("same-")


def test_a_released_name_can_be_claimed_by_another(ledger):
    ledger.claim({"a": "same.xml"})
    ledger.release({"same.xml": "key"})
    assert ledger.claim({"b": "same.xml"}) == {"b": "same.xml"}


def test_it_yields_all_it_knows_in_chunks(ledger):
    ledger.save([outcome(f"{n:05}") for n in range(2500)])
    chunks = [len(chunk) for chunk in ledger.all_known()]
    assert chunks == [1000, 1000, 500]


def test_it_notes_since_when_a_record_is_missing_once(ledger):
    ledger.save([outcome("a")])
    known = ledger.look_up(["a"])["a"]
    ledger.hold([known])
    since = ledger.look_up(["a"])["a"].missing_since
    ledger.hold([known])
    assert ledger.look_up(["a"])["a"].missing_since == since
    ledger.found_again(["a"])
    assert ledger.look_up(["a"])["a"].missing_since is None


def test_what_was_removed_can_be_restored(ledger):
    ledger.save([outcome("a")])
    keys = ledger.remove([ledger.look_up(["a"])["a"]])
    [item] = ledger.trashed()
    assert keys == {"a.xml": item.key}
    assert ledger.look_up(["a"]) == {}
    ledger.restore(item)
    assert ledger.look_up(["a"])["a"].restored
    assert ledger.trashed() == []
    assert list(ledger.finish()) == []


def test_two_harvests_into_one_folder_are_refused(tmp_path, ledger):
    with pytest.raises(StoreError, match="Another harvest into"):
        FileLedger(tmp_path, "http://y/")


def test_a_broken_file_is_told_and_left_alone(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all, really" * 100)
    with pytest.raises(StoreError, match="move it away"):
        FileLedger(tmp_path, "http://x/")
    assert (tmp_path / FILE_NAME).exists()
