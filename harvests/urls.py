from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from harvests import about, badges, feeds, land, waf, waf_lists

FAVICON = RedirectView.as_view(url=static("harvests/favicon.svg"))

urlpatterns = [
    path("favicon.ico", FAVICON),  # what browsers ask for beside the central WAF
    path("", include("harvests.desk.urls")),
    path("feeds/<str:token>/events.atom", feeds.events, name="events-feed"),
    path("about/", about.about, name="about"),
    path("land.svg", land.land, name="land"),
    path("api/", include("harvests.api.urls")),
    path("waf/", waf.root, name="waf"),
    path("waf/index.json", waf_lists.root_index, name="waf-folders"),
    path("waf/changes.atom", waf_lists.feed, name="waf-changes"),
    path("waf/sitemap.xml", waf_lists.sitemap, name="waf-sitemap"),
    path(
        "waf/sitemap-<str:source>-<int:part>.xml",
        waf_lists.sitemap_part,
        name="waf-sitemap-part",
    ),
    path("waf/<str:organization>/index.json", waf_lists.index, name="waf-index"),
    path("waf/<str:organization>/changes.atom", waf_lists.feed, name="waf-feed"),
    path("waf/<str:organization>/records.zip", waf_lists.zipped, name="waf-archive"),
    path("badge/<str:source>.svg", badges.badge, name="badge"),
    path("waf/<str:organization>/", waf.folder, name="waf-folder"),
    path("waf/<str:organization>/<str:name>", waf.document, name="waf-document"),
]
