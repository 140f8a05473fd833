"""The outcomes on a job's page: failed ones first, filtered, searched, in pages."""

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from django.core.paginator import Page
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, QueryDict

from harvests.admin.base import BoundedPaginator
from harvests.models import HarvestJob, HarvestOutcome, HarvestRecord
from harvests.pipeline.types import Result, Stage

PER_PAGE: Final = 25
FILTERS: Final = ("outcome", "stage")


def outcomes_context(request: HttpRequest, job: HarvestJob) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "")[:200] for name in (*FILTERS, "q")}
    page = BoundedPaginator(_rows(job, asked), PER_PAGE).get_page(request.GET.get("p"))
    _attach_records(job, page)
    return {
        "page": page,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "results": [each.value for each in Result if each is not Result.UNCHANGED],
        "stages": [each.value for each in Stage],
        "failures": _failures(job),
        "query": _query(asked),
        "earlier": _query(asked, page.previous_page_number() if page.number > 1 else 0),
        "later": _query(asked, page.next_page_number() if page.has_next() else 0),
    }


def _rows(job: HarvestJob, asked: dict[str, str]) -> QuerySet[HarvestOutcome]:
    rows = job.outcomes.filter(**{name: asked[name] for name in FILTERS if asked[name]})
    if words := asked["q"]:
        in_url, in_title = Q(url__icontains=words), Q(title__icontains=words)
        rows = rows.filter(in_url | in_title | Q(message__icontains=words))
    if not job.failed or asked["outcome"]:
        return rows.order_by("outcome", "url")
    failed = When(outcome=Result.FAILED.value, then=Value(0))
    calm = Case(failed, default=Value(1), output_field=IntegerField())
    return rows.annotate(calm=calm).order_by("calm", "outcome", "url")


def _attach_records(job: HarvestJob, page: Page) -> None:
    """Set `record_id` on the rows whose record there is, and what to call each."""
    urls = [row.url for row in page]
    found = HarvestRecord.objects.filter(source=job.source_id, url__in=urls)
    keys = dict(found.values_list("url", "pk")) if urls else {}
    for row in page:
        row.record_id = keys.get(row.url)
        row.label = row.title or unquote(PurePosixPath(row.url).name) or row.url


def _failures(job: HarvestJob) -> list[tuple[str, int]]:
    """Return at which stage how many records failed."""
    if not job.failed:
        return []
    failed = job.outcomes.filter(outcome=Result.FAILED.value).order_by()
    counts = failed.values("stage").annotate(number=Count("pk"))
    order = [stage.value for stage in Stage]
    found = [(row["stage"], row["number"]) for row in counts if row["stage"] in order]
    return sorted(found, key=lambda each: order.index(each[0]))


def _query(asked: dict[str, str], number: int | None = None) -> str:
    """Return the query of such a page, "" for a page that there is not."""
    if number == 0:
        return ""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in asked.items() if value})
    if number:
        query["p"] = str(number)
    return query.urlencode()
