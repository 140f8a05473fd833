"""The button Check of a source's form: what would be harvested, before it is saved.

It sends the form to the form's own address. With htmx the answer is the part below
the button, else the whole page with all that was filled in. Nothing is stored.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from harvests import previews, reports
from harvests.forms import CheckForm
from harvests.pipeline.errors import DetectionError, HarvestError
from harvests.pipeline.preview import SECONDS, Preview
from harvests.pipeline.sources import SOURCES

CHECK: Final = "_check"
USE: Final = "_use"  # put what was found into the form, and check that
TEMPLATE: Final = "admin/harvests/_checked.html"


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that stands in the way, and its sentences."""

    field: Any
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: `faults` of the form, else a `problem`, else a preview.

    `taken` tells which source has the address that was found. `is_filled`: address
    and kind go into the form by themselves; `is_other`: they are offered.
    """

    faults: tuple[Fault, ...] = ()
    problem: str = ""
    tried: tuple[tuple[str, str], ...] = ()
    preview: Preview | None = None
    taken: str = ""
    is_filled: bool = False
    is_other: bool = False
    was_told_kind: bool = False


def is_asked(request: HttpRequest) -> bool:
    return request.method == "POST" and bool({CHECK, USE} & set(request.POST))


def take_found(request: HttpRequest) -> None:
    """Put the address and the kind that a check found where the person's were."""
    if USE not in request.POST:
        return
    filled = request.POST.copy()
    filled["url"] = filled.get("found_url", "")
    filled["harvest_type"] = filled.get("found_kind", "")
    request.POST = filled  # type: ignore[misc]


def answer(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """Return the page with what came of the check, for htmx that part alone."""
    if not isinstance(page, TemplateResponse) or page.context_data is None:
        return page
    form = page.context_data["adminform"].form
    found = check(form)
    if found.is_filled and found.preview:
        fill(form, found.preview)
    told = preview_context(found.preview) | {"checked": found}
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, TEMPLATE, told | {"is_part": True})
    page.context_data |= told
    return page


def check(form: CheckForm) -> Checked:
    """Look at the source as it was filled in; takes ten seconds at most."""
    if form.errors:
        faults = [Fault(form[name], list(told)) for name, told in form.errors.items()]
        return Checked(faults=tuple(faults))
    source = form.instance
    pasted = form.data["url"]
    try:
        preview = previews.preview_url(
            pasted,
            kind=form.kind,
            source=source,
            access=form.access,
            anew=True,
            seconds=SECONDS,
        )
    except HarvestError as error:
        tried = error.tried if isinstance(error, DetectionError) else ()
        return Checked(problem=str(error), tried=tried, was_told_kind=bool(form.kind))
    return _checked(form, preview)


def _checked(form: CheckForm, preview: Preview) -> Checked:
    source = form.instance
    typed = (form.data["url"], form.data.get("harvest_type", ""))
    taken = "" if preview.url == source.url else source.taken(preview.url)
    is_other = typed != (preview.url, preview.kind) and not taken
    is_filled = is_other and source._state.adding and not form.kind
    return Checked(
        preview=preview,
        taken=taken,
        is_filled=is_filled,
        is_other=is_other and not is_filled,
        was_told_kind=bool(form.kind),
    )


def fill(form: CheckForm, preview: Preview) -> None:
    """Show the form with what was found."""
    filled = form.data.copy()
    filled["url"], filled["harvest_type"] = preview.url, preview.kind
    form.data = filled


def preview_context(preview: Preview | None) -> dict[str, Any]:
    """Return what `_preview.html` shows, of any preview."""
    if preview is None:
        return {}
    changes = preview.changes
    counts = changes.counts if changes else {}
    return {
        "preview": preview,
        "kind_label": SOURCES[preview.kind].label,
        "found": reports.found(preview),
        "made_with": _made_with(preview),
        "changes": [
            (counts[change], words, (changes.examples if changes else {}).get(change))
            for change, words in reports.TOLD.items()
            if counts.get(change)
        ],
        "is_compared": _has_known(preview),
        "removals": reports.removals(changes, preview) if _has_known(preview) else "",
    }


def _has_known(preview: Preview) -> bool:
    return bool(preview.changes and preview.changes.known)


def _made_with(preview: Preview) -> str:
    """Return the server and the software behind an address, as far as is known."""
    found = preview.detection
    if found is None:
        return ""
    made = [found.server]
    if found.software.casefold() not in found.server.casefold():
        made.append(found.software)
    return ", ".join(word for word in made if word)
