"""Sources through the site's form: what it refuses is refused here, in its words."""

from typing import Any, Final

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from harvests import trail
from harvests.api import acting, problems, sent
from harvests.api.auth import by
from harvests.api.problems import Problem
from harvests.forms import SourceForm
from harvests.forms.access import PLAIN
from harvests.forms.sources import SourceGone
from harvests.models import HarvestSource
from harvests.permissions import is_admin, organizations_of

ACCESS: Final = (*PLAIN, *sent.SECRETS)
FORGET: Final = "forget_"
SETTLED: Final = (
    "Only an admin moves a source to another organization: register it there anew."
)


@sensitive_variables()
def form_for(
    request: HttpRequest, wish: sent.SourceChange, source: HarvestSource | None = None
) -> SourceForm:
    """Return the form, valid, with what is there and what was sent. Raises Problem."""
    _check_owner(request, wish, source)
    form = SourceForm({**_known(source), **_flat(wish)}, instance=source)
    if not is_admin(request.user):
        field = form.fields["organization"]
        mine = [*organizations_of(request.user)]
        field.queryset = field.queryset.filter(name__in=mine)
    if not form.is_valid():
        raise _refusal(form)
    return form


def _known(source: HarvestSource | None) -> dict[str, Any]:
    """Return what the form shows before anything is entered."""
    form = SourceForm(instance=source)
    fields = form.fields.items()
    known = {name: form.get_initial_for_field(field, name) for name, field in fields}
    return {**known, **dict.fromkeys(sent.SECRETS, "")}


def _check_owner(
    request: HttpRequest, wish: sent.SourceChange, source: HarvestSource | None
) -> None:
    """Tell a member that an organization is not theirs, or cannot be changed."""
    name = wish.given().get("organization")
    if name is None or is_admin(request.user):
        return
    if source is not None and name != source.organization_id:
        raise Problem(403, SETTLED)
    if name not in organizations_of(request.user):
        raise Problem(403, f"You are no member of the organization “{name}”.")


@sensitive_variables()
def _flat(wish: sent.SourceChange) -> dict[str, Any]:
    """Return the form's fields for what was sent."""
    given = wish.given()
    access = given.pop("access", {})
    forget = access.pop("forget", [])
    for number, name in enumerate(forget):
        if name not in sent.SECRETS:
            detail = f"Not a secret: give one of {', '.join(sent.SECRETS)}."
            place = problems.pointer(("access", "forget", number))
            raise Problem(422, detail, errors=[{"pointer": place, "detail": detail}])
    return {**given, **access, **{f"{FORGET}{name}": True for name in forget}}


def _refusal(form: SourceForm) -> Problem:
    """Return what the form says as a problem: which value, and what to do."""
    errors = []
    for name, sentences in form.errors.items():
        place = problems.pointer(_place(name))
        errors += [{"pointer": place, "detail": str(each)} for each in sentences]
    detail = f"{errors[0]['pointer']}: {errors[0]['detail']}"
    return Problem(422, detail, errors=errors)


def _place(name: str) -> tuple[str, ...]:
    if name == "__all__":
        return ()
    if name.startswith(FORGET):
        return ("access", "forget")
    return ("access", name) if name in ACCESS else (name,)


def store(request: HttpRequest, form: SourceForm) -> HarvestSource:
    """Store a valid form, write it down, and harvest what is published by it."""
    is_new = form.instance._state.adding
    try:
        source = form.store()
    except SourceGone as error:
        raise Problem(404, str(error)) from error
    published = source.publish and "publish" in form.changed_data
    if published or (not is_new and form.schedule_changed):
        source.plan_next(timezone.now(), settings.CRON_STRING)
    changed = ", ".join(form.changed_data)
    if is_new:
        trail.note(request.user, source, f"Added, {by(request)}.", ADDITION)
    elif changed:
        sentence = f"Changed {changed}, {by(request)}."
        trail.note(request.user, source, sentence, CHANGE)
    if published:
        acting.start(request, source)
    return source
