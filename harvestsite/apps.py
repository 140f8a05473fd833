"""The four packaged apps whose automatic keys are ObjectIds on MongoDB."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig
from django_rq.apps import DjangoRqAdminConfig

OBJECT_ID = "django_mongodb_backend.fields.ObjectIdAutoField"


class MongoAdmin(AdminConfig):
    default_auto_field = OBJECT_ID


class MongoAuth(AuthConfig):
    default_auto_field = OBJECT_ID


class MongoContentTypes(ContentTypesConfig):
    default_auto_field = OBJECT_ID


class MongoRQ(DjangoRqAdminConfig):
    default_auto_field = OBJECT_ID
