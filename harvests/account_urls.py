from django.urls import path

from harvests import account_pages as pages

urlpatterns = [
    path("request/", pages.request_account, name="account-request"),
    path("verify/<str:token>/", pages.verify, name="account-verify"),
    path("address/<str:token>/", pages.new_address, name="account-address"),
    path("waiting/", pages.waiting, name="account-waiting"),
    path("profile/", pages.profile, name="account-profile"),
    path("password/", pages.ForgottenPage.as_view(), name="password-reset"),
    path(
        "password/<str:uidb64>/<str:token>/",
        pages.SetPasswordPage.as_view(),
        name="password-reset-confirm",
    ),
]
