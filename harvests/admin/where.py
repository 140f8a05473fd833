"""The page “Where is my dataset?”."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from harvests import whereabouts
from harvests.models import HarvestRecord
from harvests.permissions import VIEW, may


def page(request: HttpRequest) -> HttpResponse:
    if not may(request.user, VIEW, HarvestRecord):
        raise PermissionDenied
    question = whereabouts.question_of(request.GET.get("q", ""))
    context = {
        **admin.site.each_context(request),
        "title": "Where is my dataset?",
        "question": question,
        **(_found(question) if question.text else {}),
    }
    return render(request, "admin/harvests/where.html", context)


def _found(question: whereabouts.Question) -> dict[str, Any]:
    search = whereabouts.Search(question)
    matches = search.matches
    unseen = question.address and not matches
    return {
        "matches": matches[: whereabouts.SHOWN],
        "shown": whereabouts.SHOWN,
        "are_more": len(matches) > whereabouts.SHOWN,
        "candidates": whereabouts.candidates_of(question, search.sources.values())
        if unseen
        else [],
    }
