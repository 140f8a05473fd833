"""Removals that are held: a person lets them happen, or says that the records stay."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from harvests import trail
from harvests.admin.base import owned
from harvests.models import HarvestRecord, HarvestSource

SHOWN = 20


def held_records(source: HarvestSource) -> list[HarvestRecord]:
    """Return the first records whose removal is held, by title."""
    missing = source.records.filter(missing_since__isnull=False, restored=False)
    shown = missing.order_by("title", "pk")
    return list(shown.only("source", "title", "url", "missing_since")[:SHOWN])


@require_POST
def dismiss(request: HttpRequest, key: str) -> HttpResponseRedirect:
    """Keep the held records, all or those of the form: they are not asked for again.

    They stay published until their source lists them again, or `unkeep`.
    """
    source = owned(request, HarvestSource, key)
    missing = source.records.filter(missing_since__isnull=False, restored=False)
    if wanted := request.POST.getlist("record"):
        missing = missing.filter(pk__in=wanted)
    count = missing.update(restored=True)
    source.take_stock()
    if count:
        noun, them = ("record", "it") if count == 1 else ("records", "them")
        sentence = f"{count:,} {noun} kept, though the source does not list {them}."
        trail.note(request.user, source, f"Held removals dismissed: {sentence}")
        messages.success(request, sentence)
    else:
        messages.info(request, "No removal was held any more.")
    return redirect(source)


@require_POST
def unkeep(request: HttpRequest, key: str) -> HttpResponseRedirect:
    """Hold the removal again of what was kept or restored by hand."""
    source = owned(request, HarvestSource, key)
    kept = source.records.filter(missing_since__isnull=False, restored=True)
    count = kept.update(restored=False)
    source.take_stock()
    noun, them = ("record is", "it") if count == 1 else ("records are", "them")
    sentence = f"{count:,} {noun} no longer kept: the next harvest may remove {them}."
    if count:
        trail.note(request.user, source, sentence)
    messages.success(request, sentence)
    return redirect(source)
