"""What the change lists share: cheap pages, and models that nobody edits by hand."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from unfold.admin import ModelAdmin

from harvests.permissions import CHANGE, DELETE, may

COUNTED = 10_000
Row = TypeVar("Row", bound=Model)


class BoundedPaginator(Paginator):
    """Counts no further than COUNTED rows: a full count reads a whole collection."""

    template_name = "admin/harvests/_pagination.html"

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()  # sorted for nothing

    @property
    def is_cut(self) -> bool:
        return self.count >= COUNTED


class ForgivingList(ChangeList):
    """Shows the first page where a filter left fewer pages than the one asked for."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet:
        return super().get_queryset(*args, **kwargs).defer(*self.model_admin.list_defer)

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self.page_num = 1
            super().get_results(request)
        if not self.multi_page:  # what is found: after the last, look for no other
            self.result_list = self.result_list[: self.result_count]
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count  # else: a link “Show all”
        self.model_admin.attach(self.result_list)
        for row in self.result_list:  # some of a list may be changed, others not
            row.is_mine = may_change(request, row)


class CheapList(ModelAdmin):
    """A change list that costs the same however many rows there are.

    Related rows come by `prefetch_related`: for a join, MongoDB would look up every
    row of the collection before it sorts them and cuts the page.
    """

    list_per_page = 30
    show_full_result_count = False
    paginator = BoundedPaginator
    list_filter_submit = True
    list_fullwidth = True
    show_facets = ShowFacets.NEVER
    view_on_site = False  # the page of a row is its page on the site
    list_defer: tuple[str, ...] = ()  # long texts that no column shows
    empty_text = "There is nothing here yet."
    list_sections = ()  # Unfold's: its template looks for them in each row

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ForgivingList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filters we offer: of others, some end in an error."""
        offered = {each.parameter_name for each in self.get_list_filter(request)}
        return lookup in offered

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_change(request, obj or self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, DELETE, obj or self.model)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Look up once what a page shows; a form that is sent fills its own copy."""
        if request.method != "GET":
            return super().get_object(request, object_id, from_field)
        found = getattr(request, "_shown", None)
        if found is None or found[0] != object_id:
            found = (object_id, super().get_object(request, object_id, from_field))
            request._shown = found  # type: ignore[attr-defined]
        return found[1]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        item = self.get_object(request, object_id) if object_id else None
        context = self.page_context(request, item) if item else {}
        context = {**(extra_context or {}), **context}
        return super().changeform_view(request, object_id, form_url, context)

    def page_context(self, request: HttpRequest, item: Any) -> dict[str, Any]:
        """Return what the page of one row shows beside its fields."""
        return {}

    def attach(self, rows: Iterable[Any]) -> None:
        """Look up what the columns need for all rows of the page at once."""


class ReadOnlyAdmin(CheapList):
    """Rows that harvests write and people only look at."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def may_change(request: HttpRequest, item: Model | type[Model]) -> bool:
    return may(request.user, CHANGE, item)


def owned(request: HttpRequest, model: type[Row], key: str) -> Row:
    """Return what a button is to act on. Raises Http404, PermissionDenied."""
    if not may_change(request, model):
        raise PermissionDenied
    item = get_object_or_404(model, pk=key)
    if not may_change(request, item):
        raise PermissionDenied
    return item


def owned_of(request: HttpRequest, rows: Iterable[Row]) -> list[Row]:
    """Return those rows that the person may change, and say which are left out."""
    found = list(rows)
    mine = [row for row in found if may_change(request, row)]
    for row in found:
        if row not in mine:
            messages.error(request, f"Left out “{row}”: it is not yours to change.")
    return mine


def list_url(model: str, **query: Any) -> str:
    """Return the address of a change list of ours, with filters."""
    url = reverse(f"admin:harvests_{model}_changelist")
    return f"{url}?{urlencode(query)}" if query else url


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Redirect to where the form that was sent says, or else to `fallback`."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return redirect(wanted if safe else fallback)
