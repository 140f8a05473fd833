"""Who may do what: the one place that admin, pages, commands and API ask.

Anonymous and unapproved people may do nothing here. An approved member (`is_staff`)
reads everything and changes what belongs to their organizations. An admin
(`is_superuser`) does everything. Permissions of Django's groups count for nothing.

`user.has_perm("harvests.change_harvestsource", source)` ends here too, by `Roles`.
Without an object the question is whether there can be one: lists and menus ask so.
"""

from collections.abc import Collection
from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from harvests.models import (
    Cause,
    Event,
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    Membership,
    Organization,
    TrashedRecord,
    WebHook,
)

Person = AbstractBaseUser | AnonymousUser

VIEW: Final = "view"
ADD: Final = "add"
CHANGE: Final = "change"  # harvest, cancel, allow removals, restore: these too
DELETE: Final = "delete"

# What a member may do with what: everything else is for admins
MEMBERS: Final[dict[type[Model], tuple[str, ...]]] = {
    HarvestSource: (VIEW, ADD, CHANGE, DELETE),
    HarvestJob: (VIEW, CHANGE),
    TrashedRecord: (VIEW, CHANGE),
    HarvestRecord: (VIEW,),
    HarvestOutcome: (VIEW,),
    Cause: (VIEW,),
    Organization: (VIEW,),
    Event: (VIEW,),
    WebHook: (VIEW, ADD, CHANGE, DELETE),
}
# What members may not even look at, unless it is theirs
PRIVATE: Final[tuple[type[Model], ...]] = (WebHook,)


def is_admin(user: Person) -> bool:
    return bool(user.is_active and getattr(user, "is_superuser", False))


def is_member(user: Person) -> bool:
    """Tell whether an admin has approved this person."""
    return bool(user.is_active and getattr(user, "is_staff", False))


def is_waiting(user: Person) -> bool:
    """Tell whether somebody is signed in who is not approved."""
    return user.is_authenticated and not (is_member(user) or is_admin(user))


def organizations_of(user: Person) -> frozenset[str]:
    """Return the names of the organizations whose things a member may change.

    Asked once per request: it is kept with the user.
    """
    if not is_member(user):
        return frozenset()
    found: frozenset[str] | None = getattr(user, "_organizations", None)
    if found is None:
        mine = Membership.objects.filter(user=user.pk)
        found = frozenset(mine.values_list("organization_id", flat=True))
        user._organizations = found  # type: ignore[union-attr]
    return found


def may(user: Person, action: str, item: Model | type[Model]) -> bool:
    """Tell whether a person may do this with that, or with any of that class."""
    if is_admin(user):
        return True
    model = item if isinstance(item, type) else type(item)
    if not is_member(user) or action not in MEMBERS.get(model, ()):
        return False
    if action == VIEW and model not in PRIVATE:
        return True
    mine = organizations_of(user)
    return bool(mine) if isinstance(item, type) else owner_of(item) in mine


def owner_of(item: Model) -> str | None:
    """Return the name of the organization that an item belongs to."""
    source = getattr(item, "source", item)
    return getattr(source, "organization_id", None)


class Roles(ModelBackend):
    """Answers Django's questions for permissions by the rules above."""

    def has_perm(self, user_obj: Person, perm: str, obj: Any = None) -> bool:
        model, action = _NAMES.get(perm, (None, ""))
        if model is None or (obj is not None and not isinstance(obj, model)):
            return is_admin(user_obj)
        return may(user_obj, action, model if obj is None else obj)

    def has_module_perms(self, user_obj: Person, app_label: str) -> bool:
        mine = app_label == Organization._meta.app_label
        return is_admin(user_obj) or (mine and is_member(user_obj))

    def get_all_permissions(self, user_obj: Person, obj: Any = None) -> Collection[str]:
        return {name for name in _NAMES if self.has_perm(user_obj, name, obj)}

    def get_user_permissions(
        self, user_obj: Person, obj: Any = None
    ) -> Collection[str]:
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(
        self, user_obj: Person, obj: Any = None
    ) -> Collection[str]:
        return set()


def name_of(action: str, model: type[Model]) -> str:
    """Return the name that Django has for an action, “harvests.view_harvestjob”."""
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


_NAMES: Final = {
    name_of(action, model): (model, action)
    for model in MEMBERS
    for action in (VIEW, ADD, CHANGE, DELETE)
}
