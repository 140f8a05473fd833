"""What a row says about its link, and where one row ends and the next begins."""

import datetime as dt

import pytest

from tests.pipeline.listings import ROOT, entries, urls

DAY = dt.datetime(2025, 10, 2, 11, 47)
STAMP = "2025-10-02 11:47"


@pytest.mark.parametrize(
    "row",
    [
        f'<td><a href="x">x</a><td>{STAMP}<td>&lt;dir&gt;',
        f'<td><a href="x">x</a><td>{STAMP}<td>Directory',
        '<td><a href="x">x</a><td>[DIR]',
        '<td><a href="x">x</a><td>-',
        '<td><a href="x">x</a><td>&mdash;',
        '<td><img src=i.png alt="[DIR]"><td><a href="x">x</a>',
        '<td><img src="/icons/folder.gif"><td><a href="x">x</a>',
        '<td><i class="fa fa-folder"></i><td><a href="x">x</a>',
        '<td><a class="directory" href="x">x</a>',
        '<td><a href="x">x/</a>',
    ],
)
def test_a_folder_without_its_slash_is_known_by_its_row(row: str) -> None:
    assert urls(f"<table><tr>{row}</table>") == [ROOT + "x"]


@pytest.mark.parametrize(
    "row",
    [
        '<td><a href="x">x</a>',
        f'<td><a href="x">x</a><td>{STAMP}<td>12K<td>the directory - in full',
        f'<td><a href="x.nc">x.nc</a><td>{STAMP}<td>-',
        '<td><img src="/icons/dir/text.gif" alt="[PARENTDIR]"><td><a href="x">x</a>',
        '<td>Directory<td><a href="x">x</a> <a href="y">y</a>',
    ],
)
def test_a_link_without_a_slash_is_no_folder_without_a_sign(row: str) -> None:
    assert urls(f'<table class="directory"><tr>{row}</table>') == []


def test_a_server_that_writes_no_slashes_is_known_by_its_parent_link() -> None:
    page = '<li><a href="..">..</a><li><a href="{}">{}</a><li><a href=a.nc>a.nc</a>'
    assert urls(page.format("sub", "sub")) == [ROOT + "sub"]
    assert urls(page.format("v1.2", "v1.2 ")) == [ROOT + "v1.2"]
    assert urls(page.format("sub", "About us")) == []


def test_a_server_that_writes_one_slash_writes_them_all() -> None:
    page = '<li><a href="..">..</a><li><a href="a/">a</a><li><a href="gpg">gpg</a>'
    assert urls(page) == [ROOT + "a/"]


def test_a_record_is_a_record_whatever_its_row_says() -> None:
    (entry,) = entries('<li><img alt="[DIR]"><a href="x.xml">x/</a>')
    assert not entry.is_folder


def test_a_date_belongs_to_its_own_row() -> None:
    page = (
        f"<pre><a href=a.xml>a</a>\n<a href=b.xml>b</a>  {STAMP}  12\n"
        "<a href=c.xml>c</a>\n</pre>"
    )
    assert [entry.modified for entry in entries(page)] == [None, DAY, None]


def test_a_date_that_two_records_share_is_nobodys() -> None:
    page = f"<tr><td><a href=a.xml>a</a><td><a href=b.xml>b</a><td>{STAMP}</tr>"
    assert [entry.modified for entry in entries(page)] == [None, None]


def test_a_date_beside_a_record_and_its_html_is_the_records() -> None:
    page = f"<tr><td><a href=a.xml>a</a><td><a href=a.html>view</a><td>{STAMP}</tr>"
    assert [entry.modified for entry in entries(page)] == [DAY]


def test_a_date_in_the_name_is_no_date() -> None:
    (entry,) = entries('<li><a href="a.xml">a 2024-01-01 10:00.xml</a>')
    assert entry.modified is None


def test_a_date_inside_of_the_link_is_its_date() -> None:
    page = f"<a href=a.xml><img><b>a.xml</b> <em>12</em> <i>{STAMP}</i></a>"
    (entry,) = entries(f"<div>{page}</div><div>1999-01-01 10:00</div>")
    assert (entry.modified, entry.size) == (DAY, 12)


def test_a_row_without_end_dates_nothing() -> None:
    page = f"<li>{'<b>x</b>' * 600} <a href=a.xml>a</a> {STAMP}"
    assert [entry.modified for entry in entries(page)] == [None]


def test_a_footer_dates_nothing() -> None:
    page = f"<p><a href=a.xml>a</a></p><footer>Last change {STAMP}</footer>"
    assert [entry.modified for entry in entries(page)] == [None]


def test_a_folder_has_no_size() -> None:
    (entry,) = entries(f"<li><a href=a/>a</a> {STAMP}  4096")
    assert (entry.modified, entry.size) == (DAY, None)


def test_blocks_inside_of_a_link_do_not_end_its_row() -> None:
    page = f"<li><a href=a.xml><div>a.xml</div><div>12KB</div><div>{STAMP}</div></a>"
    assert [entry.modified for entry in entries(page)] == [DAY]


def test_links_that_are_never_closed_are_found() -> None:
    page = f'<tr><td><a href="a.xml"/>a</p></td><td>{STAMP}<tr><td><a href="b.xml">b'
    assert [entry.modified for entry in entries(page)] == [DAY, None]


def test_comments_and_scripts_hold_no_links() -> None:
    page = "<!-- <a href=a.xml>a</a> --><script>'<a href=b.xml>b</a>'</script>"
    assert urls(page) == []
