"""A listing cut in the middle must not pass for one that lists less."""

import pytest

from harvests.pipeline.errors import GatherError
from tests.pipeline.listings import listing

ROW = '<a href="{n}.xml">{n}.xml</a>  02-Oct-2025 11:47  39\n'
PAGE = "<html><body><pre>" + "".join(ROW.format(n=n) for n in range(90))


def test_what_a_cut_page_lists_is_read_and_then_it_fails():
    found = []
    with pytest.raises(GatherError, match="breaks off before its end"):
        for entry in listing(PAGE):
            found.append(entry)  # noqa: PERF402 - an error ends it
    assert len(found) == 90


@pytest.mark.parametrize(
    "end", ["</pre></body></html>", "</BODY>", "</html >", "</html><!-- end -->\n"]
)
def test_a_page_that_ends_is_whole(end):
    assert len(list(listing(PAGE + end))) == 90


def test_a_page_that_never_opened_html_need_not_close_it():
    assert len(list(listing(PAGE.removeprefix("<html><body>")))) == 90
