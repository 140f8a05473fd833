"""The site's addresses: admin, queue pages, and those of the harvester."""

from django.contrib import admin
from django.contrib.auth.decorators import user_passes_test
from django.urls import URLPattern, include, path
from django.views.generic import RedirectView
from django_rq.urls import get_admin_urlpatterns, get_api_urlpatterns

from harvests import error_pages
from harvests.account_pages import SignInPage
from harvests.admin import notifications, where

# Who may empty queues and requeue jobs may run what they like: not all staff
superusers = user_passes_test(lambda user: user.is_superuser, login_url="admin:login")
admin.autodiscover()
queues = get_admin_urlpatterns(view_wrapper=superusers)
queues += [
    URLPattern(page.pattern, superusers(page.callback), name=page.name)
    for page in get_api_urlpatterns()  # of themselves, these are for all staff
]

handler400 = error_pages.refused
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.failed
urlpatterns = [
    path("admin/django_rq/", include((queues, "django_rq"))),
    path("admin/where/", admin.site.admin_view(where.page), name="where"),
    path(
        "admin/notifications/",
        admin.site.admin_view(notifications.page),
        name="notifications",
    ),
    path(
        "admin/notifications/test/",
        admin.site.admin_view(notifications.send_test),
        name="notifications-test",
    ),
    path(
        "admin/notifications/again/",
        admin.site.admin_view(notifications.try_again),
        name="notifications-again",
    ),
    path("admin/login/", SignInPage.as_view()),  # found before the admin's own
    path("admin/r/<path:row>", error_pages.nothing),  # “view on site”: each row is
    path("admin/", RedirectView.as_view(pattern_name="home")),  # one first page
    path("admin/", admin.site.urls),
    path("accounts/", include("harvests.account_urls")),
    path("", include("harvests.urls")),
]
