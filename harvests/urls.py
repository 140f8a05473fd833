from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from harvests import land, waf

FAVICON = RedirectView.as_view(url=static("harvests/favicon.svg"))

urlpatterns = [
    path("favicon.ico", FAVICON),  # what browsers ask for beside the central WAF
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("land.svg", land.land, name="land"),
    path("waf/", waf.root, name="waf"),
    path("waf/<str:organization>/", waf.folder, name="waf-folder"),
    path("waf/<str:organization>/<str:name>", waf.document, name="waf-document"),
]
