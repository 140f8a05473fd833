"""Folder listings as Apache and nginx write them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

ROWS_PER_CHUNK = 500
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


class Entry(NamedTuple):
    """A row of a listing; a folder's name ends with "/" and it has no size."""

    name: str
    modified: dt.datetime
    size: int | None = None


def listing(server: str, path: str, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The page in chunks, so that a long one is never held as a whole."""
    head, row, foot = LAYOUTS[server]
    yield head(escape(path)).encode()
    rows = (row(entry) for entry in entries)
    while chunk := "".join(islice(rows, ROWS_PER_CHUNK)):
        yield chunk.encode()
    yield foot.encode()


def _apache_head(path: str) -> str:
    parent = escape(quote(path.rstrip("/").rpartition("/")[0] + "/"))
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of {path.rstrip("/")}</title>
 </head>
 <body>
<h1>Index of {path.rstrip("/")}</h1>
  <table>
   <tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a>\
</th><th><a href="?C=S;O=A">Size</a></th></tr>
   <tr><th colspan="3"><hr></th></tr>
<tr><td><a href="{parent}">Parent Directory</a></td><td>&nbsp;</td>\
<td align="right">  - </td></tr>
"""


def _apache_row(entry: Entry) -> str:
    return (
        f'<tr><td><a href="{quote(entry.name)}">{escape(entry.name)}</a></td>'
        f'<td align="right">{entry.modified:%Y-%m-%d %H:%M}  </td>'
        f'<td align="right">{_apache_size(entry.size):>4}</td></tr>\n'
    )


def _apache_size(size: int | None) -> str:
    if size is None:
        return "- "
    if size < 1024:
        return f"{size} "
    return f"{size / 1024:.1f}K" if size < 10_189 else f"{round(size / 1024)}K"


def _nginx_head(path: str) -> str:
    return f"""<html>
<head><title>Index of {path}</title></head>
<body>
<h1>Index of {path}</h1><hr><pre><a href="../">../</a>
"""


def _nginx_row(entry: Entry) -> str:
    """Names are cut at 50 characters, as nginx does."""
    name, modified = entry.name, entry.modified
    label = name if len(name) <= 50 else f"{name[:47]}..>"
    month = MONTHS[3 * modified.month - 3 : 3 * modified.month]  # in any locale
    date = f"{modified:%d}-{month}-{modified:%Y %H:%M}"
    size = "-" if entry.size is None else str(entry.size)
    padding = " " * (51 - len(label))
    link = f'<a href="{quote(name)}">{escape(label)}</a>'
    return f"{link}{padding}{date}{size:>20}\n"


Layout = tuple[Callable[[str], str], Callable[[Entry], str], str]
LAYOUTS: dict[str, Layout] = {
    "Apache": (
        _apache_head,
        _apache_row,
        '   <tr><th colspan="3"><hr></th></tr>\n</table>\n</body></html>\n',
    ),
    "nginx": (_nginx_head, _nginx_row, "</pre><hr></body>\n</html>\n"),
}
