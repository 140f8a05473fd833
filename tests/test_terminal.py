"""What a person sees of a harvest on a terminal."""

from io import StringIO

from harvests.pipeline.tally import Tally
from harvests.pipeline.types import Outcome, Progress, Result, Stage
from harvests.terminal import SHOWN_FAILURES, Bar, summary


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def failed(count: int) -> Tally:
    tally = Tally()
    tally.add(Progress(Stage.FETCH, count))
    for number in range(count):
        url = f"http://x/{number}.xml"
        tally.add(Outcome(Result.FAILED, url, stage=Stage.READ, message="No record."))
    return tally


def test_the_bar_tells_how_far_it_is():
    terminal = Terminal()
    bar = Bar(terminal)
    bar.show(Tally())
    bar.show(failed(4))
    assert "4/4" in terminal.getvalue()
    bar.clear()
    assert terminal.getvalue().endswith("\r\033[K")


def test_there_is_no_bar_where_nobody_looks():
    file = StringIO()
    Bar(file).show(failed(4))
    Bar(file).clear()
    assert file.getvalue() == ""


def test_the_summary_names_the_first_failures_and_where_the_rest_is():
    lines = summary(failed(SHOWN_FAILURES + 2), verbose=False)
    assert len(lines) == 1 + SHOWN_FAILURES + 1
    assert lines[1] == "  failed (read): http://x/0.xml: No record."
    assert "2 more failures" in lines[-1]
    assert len(summary(failed(SHOWN_FAILURES + 2), verbose=True)) == 23


def test_a_harvest_that_found_nothing_says_so():
    assert summary(Tally(), verbose=False)[0].startswith("nothing found in")
