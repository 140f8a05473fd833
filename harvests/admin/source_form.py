"""The form of a source: what it shows, to whom, and what saving it starts."""

from functools import partial
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display

from harvests.admin import checking, next_runs, source_actions, source_fields
from harvests.admin.base import CheapList, list_url
from harvests.forms import CheckForm, SourceForm
from harvests.forms.access import warnings_of
from harvests.forms.sources import SourceGone
from harvests.models import HarvestSource
from harvests.models.access import SECRETS
from harvests.permissions import is_admin, organizations_of

# A proxy's URL may come with a password
SENSITIVE: Final = (*SECRETS, "proxy")


class SourceFormAdmin(CheapList):
    """The pages to add and to change a source; `SourceAdmin` has the list."""

    form = SourceForm
    change_form_show_cancel_button = True
    readonly_fields = ("next_runs",)

    def get_fieldsets(
        self, request: HttpRequest, obj: HarvestSource | None = None
    ) -> list[tuple[str, Any]]:
        may = self.has_change_permission(request, obj) if obj else True
        return source_fields.fieldsets(obj, editable=may)

    def get_readonly_fields(
        self, request: HttpRequest, obj: HarvestSource | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return self.readonly_fields
        settled = (
            ("organization",) if obj.has_files or not is_admin(request.user) else ()
        )
        return (*self.readonly_fields, *settled)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer, and accept, the person's own organizations."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization" and not is_admin(request.user):
            names = organizations_of(request.user)
            field.queryset = field.queryset.filter(name__in=list(names))
        return field

    def save_model(
        self, request: HttpRequest, obj: HarvestSource, form: SourceForm, change: bool
    ) -> None:
        form.store()
        for sentence in warnings_of(obj):
            messages.warning(request, sentence)
        published = obj.publish and "publish" in form.changed_data
        if published or (change and form.schedule_changed):
            obj.plan_next(timezone.now(), settings.CRON_STRING)
        if published:  # once it is saved, lest a worker looks for it before
            transaction.on_commit(partial(source_actions.start, request, obj))

    def get_form(
        self, request: HttpRequest, obj: HarvestSource | None = None, **kwargs: Any
    ) -> Any:
        if checking.is_asked(request):
            kwargs["form"] = CheckForm
        form = super().get_form(request, obj, **kwargs)  # a class of this request
        form.by_admin = is_admin(request.user)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever registers a source is the one to ask, and it is theirs."""
        initial = super().get_changeform_initial_data(request)
        mine = organizations_of(request.user)
        only = next(iter(mine)) if len(mine) == 1 else ""
        found = {"harvest_contact": request.user.email, "organization": only}
        return {**{name: value for name, value in found.items() if value}, **initial}

    @method_decorator(sensitive_post_parameters(*SENSITIVE))
    def changeform_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not checking.is_asked(request):
            return self._stored(request, *args, **kwargs)
        checking.take_found(request)
        page = super().changeform_view(request, *args, **kwargs)
        return checking.answer(request, page)

    def _stored(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the form, or where to go on once it is stored."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except SourceGone as error:
            messages.error(request, str(error))
            return redirect(list_url("harvestsource"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        source = kwargs.get("obj")
        may = self.has_change_permission if source else self.has_add_permission
        context["may_check"] = may(request, source) if source else may(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Next three runs")
    def next_runs(self, source: HarvestSource) -> str:
        return next_runs.next_runs(source)

    @display(description="Access")
    def access_summary(self, source: HarvestSource) -> str:
        return source_fields.access_summary(source)
