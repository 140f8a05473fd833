from django.urls import path

from harvests import account_pages as pages
from harvests import notification_pages as notifications
from harvests import token_pages

urlpatterns = [
    path("request/", pages.request_account, name="account-request"),
    path("verify/<str:token>/", pages.verify, name="account-verify"),
    path("address/<str:token>/", pages.new_address, name="account-address"),
    path("waiting/", pages.waiting, name="account-waiting"),
    path("notifications/", notifications.choose, name="account-notifications"),
    path("notifications/feed/", notifications.new_feed, name="account-feed"),
    path("unsubscribe/<str:token>/", notifications.refuse, name="unsubscribe"),
    path("profile/", pages.profile, name="account-profile"),
    path("tokens/", token_pages.page, name="account-tokens"),
    path("tokens/<str:key>/revoke/", token_pages.revoke, name="account-token-revoke"),
    path("password/", pages.ForgottenPage.as_view(), name="password-reset"),
    path(
        "password/<str:uidb64>/<str:token>/",
        pages.SetPasswordPage.as_view(),
        name="password-reset-confirm",
    ),
]
