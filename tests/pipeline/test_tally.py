from harvests.pipeline import tally
from harvests.pipeline.tally import Tally
from harvests.pipeline.types import Outcome, Progress, Result, Stage


def test_it_counts_outcomes_and_keeps_the_first_failures(monkeypatch):
    monkeypatch.setattr(tally, "FAILURES_KEPT", 1)
    counted = Tally()
    counted.add(Progress(Stage.FETCH, 3))
    counted.add(Outcome(Result.ADDED, "a", with_errors=True))
    counted.add(Outcome(Result.FAILED, "b", stage=Stage.READ, message="no"))
    counted.add(Outcome(Result.FAILED, "c"))
    told = counted.as_dict()
    assert told.pop("seconds") >= 0
    assert told.pop("failures") == [{"url": "b", "stage": "read", "message": "no"}]
    assert {name: n for name, n in told.items() if n} == {
        "discovered": 3,
        "added": 1,
        "failed": 2,
        "with_errors": 1,
    }
