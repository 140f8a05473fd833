"""The admin, loaded with the addresses; on MongoDB, apps whose keys are ObjectIds."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig
from django.core import checks
from django_rq.apps import DjangoRqAdminConfig

OBJECT_ID = "harvestsite.mongodb.ObjectIdAutoField"


class Admin(SimpleAdminConfig):
    """Leaves it to `harvestsite.urls` to find the admin's pages.

    Commands start without them: with 15 MB less memory, in less time.
    """

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    """What Django's own check finds, once the pages are loaded."""
    autodiscover()
    found: Iterable[checks.CheckMessage] = check_admin_app(**kwargs)
    return found


class MongoAdmin(Admin):
    default_auto_field = OBJECT_ID


class MongoAuth(AuthConfig):
    default_auto_field = OBJECT_ID


class MongoContentTypes(ContentTypesConfig):
    default_auto_field = OBJECT_ID


class MongoRQ(DjangoRqAdminConfig):
    default_auto_field = OBJECT_ID
