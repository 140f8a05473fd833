"""What a page lacks for keyboards and screen readers: names, headings, labels."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import lxml.html

FIELDS = "//input[not(@type='hidden' or @class='hidden')]|//select|//textarea"
NAMED = ("button", "submit")  # by their values
ICON = "material-symbols-outlined"


def words(node: Any) -> str:
    """What a screen reader says of it: text, but not the names of icons."""
    if node.get("aria-hidden") == "true" or ICON in (node.get("class") or ""):
        return ""
    found = [node.get(name) or "" for name in ("aria-label", "title", "alt")]
    found.append(node.text or "")
    for child in node:
        if isinstance(child.tag, str):
            found.append(words(child))
        found.append(child.tail or "")
    return " ".join(found).strip()


def is_mended(node: Any) -> bool:
    """Tell whether keys.js gives it a name and keys; tests/browser looks at that."""
    has = node.attrib
    shown = {has.get("id"), has.get("name"), has.get("href")}
    mended = {"command-submit", "searchbar-submit", "_selected_action", "/admin/", "#"}
    return bool(shown & mended) or "x-on:click" in has


def label_of(page: Any, field: Any) -> str:
    labels = page.xpath("//label[@for=$key]", key=field.get("id") or "-")
    around = next(field.iterancestors("label"), None)
    named = page.xpath("//*[@id=$key]", key=field.get("aria-labelledby") or "-")
    around = [around] if around is not None else []
    shown = words(field) + (field.get("placeholder") or "")
    return shown + "".join(map(words, [*labels, *around, *named]))


def told(node: Any) -> str:
    return lxml.html.tostring(node, encoding="unicode", with_tail=False)[:160]


def missing_in(text: str) -> Iterator[str]:
    """Yield what somebody who does not see the page would miss; of parts, nothing."""
    page = lxml.html.document_fromstring(text)
    if page.find("head/title") is None:
        return
    if not page.findtext(".//title", "").strip():
        yield "no title"
    if len(page.xpath("//h1")) != 1:
        yield f"{len(page.xpath('//h1'))} h1"
    for field in page.xpath(FIELDS):
        if not (
            is_mended(field) or field.get("type") in NAMED or label_of(page, field)
        ):
            yield f"no label: {told(field)}"
    for node in page.xpath("//button|//a[@href]|//*[@role='button']|//summary"):
        if not (is_mended(node) or words(node)):
            yield f"no name: {told(node)}"
    for node in page.xpath("//img[not(@alt)]|//table[not(.//th)]"):
        yield f"no alt or th: {told(node)}"
    moves = page.xpath("//*[contains(@hx-trigger, 'every')]")
    if moves and not page.xpath("//*[@aria-live or @role='status']"):
        yield "changes by itself, and tells nobody"
    ids = Counter(page.xpath("//*/@id"))
    yield from (f"id twice: {key}" for key, count in ids.items() if count > 1)
