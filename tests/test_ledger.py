"""What the database remembers of a source, wherever a process that writes it dies."""

from collections.abc import Sequence

import pytest
import requests
from django.db.models.query import QuerySet

from harvests import audit, jobs
from harvests.ledger import DatabaseLedger
from harvests.models import (
    HarvestRecord,
    HarvestSource,
    PublishedName,
    TrashedRecord,
)
from harvests.pipeline.removals import finish_removals
from harvests.pipeline.types import Known

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As if the process had died here."""


@pytest.fixture
def dies(monkeypatch):
    """Call it with a model and what its rows are not asked to do any more."""

    def at(model: type, method: str) -> None:
        real = getattr(QuerySet, method)

        def asked(rows, *arguments, **options):
            if rows.model is model:
                raise Killed
            return real(rows, *arguments, **options)

        monkeypatch.setattr(QuerySet, method, asked)

    yield at
    monkeypatch.undo()


def known(source: HarvestSource) -> Sequence[Known]:
    return next(DatabaseLedger(source, None).all_known())


def stands(source: HarvestSource, folder, count: int) -> None:
    """Every record has its file and its name, and nothing else is there."""
    names = sorted(source.records.values_list("file_name", flat=True))
    claimed = PublishedName.objects.filter(source=source).values_list("pk", flat=True)
    assert len(names) == count
    assert folder.names() == names
    assert sorted(key.partition("/")[2] for key in claimed) == names
    assert list(audit.check_store()) == []


@pytest.mark.parametrize("again", ["reset", "shrink"])
def test_killed_before_the_rows_went_nothing_was_removed(
    provider, shrinking, folder, dies, monkeypatch, again
):
    """The files went all the same, and their names: another source took them."""
    jobs.run_now(shrinking)
    dies(HarvestRecord, "delete")
    with pytest.raises(Killed):
        DatabaseLedger(shrinking, folder).remove(known(shrinking)[:36])
    monkeypatch.undo()
    assert TrashedRecord.objects.count() == 36
    requests.post(provider.url(f"shrinking/{again}"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    there, gone = (40, 0) if again == "reset" else (4, 36)
    stands(shrinking, folder, there)
    assert TrashedRecord.objects.filter(moved=True).count() == gone
    assert TrashedRecord.objects.count() == gone


@pytest.mark.parametrize("model", [PublishedName, TrashedRecord])
def test_killed_while_names_are_given_up_they_are_in_the_end(
    shrinking, folder, dies, monkeypatch, model
):
    jobs.run_now(shrinking)
    ledger = DatabaseLedger(shrinking, folder)
    keys = ledger.remove(known(shrinking)[:5])
    for name, key in keys.items():
        folder.trash(name, key)
    dies(model, "delete" if model is PublishedName else "update")
    with pytest.raises(Killed):
        ledger.release(keys)
    monkeypatch.undo()
    finish_removals(ledger, folder)
    stands(shrinking, folder, 35)
    assert ledger.unfinished() == {}
    assert TrashedRecord.objects.filter(moved=True).count() == 5


def test_a_name_that_is_anothers_by_now_is_left_alone(
    shrinking, good, folder, dies, monkeypatch
):
    jobs.run_now(shrinking)
    ledger = DatabaseLedger(shrinking, folder)
    keys = ledger.remove(known(shrinking)[:1])
    [(name, key)] = keys.items()
    folder.trash(name, key)
    dies(TrashedRecord, "update")
    with pytest.raises(Killed):
        ledger.release(keys)
    monkeypatch.undo()
    taken = DatabaseLedger(good, folder).claim({"http://x/": name})
    assert taken == {"http://x/": name}
    folder.stage(name, b"<theirs/>")
    folder.commit()
    finish_removals(ledger, folder)
    assert folder.read(name) == b"<theirs/>"
    assert ledger.unfinished() == {}


def test_the_name_of_what_was_never_published_is_free_when_it_goes(
    site, source_of, folder
):
    path, url = site
    for folder_name in ("one", "two"):
        (path / folder_name).mkdir()
    for number in range(12):
        (path / "one" / f"r{number}.xml").write_bytes(b"<html>")
    source = source_of(f"{url}one/", name="One")
    jobs.run_now(source)
    assert source.names.count() == source.records.count() == 12
    for number in range(2, 12):
        (path / "one" / f"r{number}.xml").unlink()
    jobs.run_now(source)
    assert source.names.count() == source.records.count() == 2
