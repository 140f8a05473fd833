"""The site's addresses: admin, queue pages, and those of the harvester."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/django_rq/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("", include("harvests.urls")),
]
