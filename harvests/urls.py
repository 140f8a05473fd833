from django.urls import path
from django.views.generic import RedirectView

from harvests import waf

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("waf/", waf.root, name="waf"),
    path("waf/<str:organization>/", waf.folder, name="waf-folder"),
    path("waf/<str:organization>/<str:name>", waf.document, name="waf-document"),
]
