"""How the admin looks, and what its sidebar holds (settings of django-unfold)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    app, name = model.split(".")
    wanted = (f"{app}.view_{name}", f"{app}.change_{name}")
    return lambda request: any(request.user.has_perm(each) for each in wanted)


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model.replace('.', '_')}_changelist"),
        "permission": _may_view(model),
    }


def _is_of_sources(request: HttpRequest) -> bool:
    """Tell whether a page is about sources: of the admin, or a source's own."""
    match = request.resolver_match
    own = match is not None and match.view_name in ("source", "source-preview")
    lists = reverse("admin:harvests_harvestsource_changelist")
    return own or request.path.startswith(lists)


NAVIGATION = [
    {
        "title": "Harvesting",
        "items": [
            {
                "title": "Dashboard",
                "icon": "space_dashboard",
                "link": reverse_lazy("home"),
                "active": lambda request: request.path == reverse("home"),
            },
            {
                "title": "Where is my dataset?",
                "icon": "travel_explore",
                "link": reverse_lazy("where"),
                "permission": _may_view("harvests.harvestrecord"),
            },
            {
                **_item("Sources", "cloud_download", "harvests.harvestsource"),
                "active": _is_of_sources,
            },
            _item("Jobs", "history", "harvests.harvestjob"),
            _item("Records", "description", "harvests.harvestrecord"),
            _item("Findings", "rule", "harvests.cause"),
            _item("Trash", "delete", "harvests.trashedrecord"),
        ],
    },
    {
        "title": "Catalogue",
        "separator": True,
        "items": [
            _item("Organizations", "corporate_fare", "harvests.organization"),
            {
                "title": "Central WAF",
                "icon": "folder_open",
                "link": reverse_lazy("waf"),
            },
            {"title": "API", "icon": "api", "link": reverse_lazy("api-docs")},
            {"title": "About", "icon": "info", "link": reverse_lazy("about")},
        ],
    },
    {
        "title": "Operations",
        "separator": True,
        "items": [
            {
                "title": "Queue",
                "icon": "low_priority",
                "link": reverse_lazy("django_rq:home"),
                "permission": lambda request: request.user.is_superuser,
            },
            {
                "title": "Notifications",
                "icon": "notifications",
                "link": reverse_lazy("notifications"),
                "permission": _may_view("harvests.event"),
            },
            _item("Users", "person", "auth.user"),
            _item("API tokens", "key", "harvests.apitoken"),
            _item("Audit trail", "fact_check", "admin.logentry"),
        ],
    },
]
SEA = {  # one hue from foam to deep water; 600 carries white text at 5.4 : 1
    "50": "oklch(98.4% .019 200.873)",
    "100": "oklch(95.6% .045 203.388)",
    "200": "oklch(91.7% .08 205.041)",
    "300": "oklch(86.5% .127 207.078)",
    "400": "oklch(78.9% .154 211.53)",
    "500": "oklch(71.5% .143 215.221)",
    "600": "oklch(52% .105 223.128)",
    "700": "oklch(45% .085 224.283)",
    "800": "oklch(39.8% .07 227.392)",
    "900": "oklch(35% .06 229)",
    "950": "oklch(30.2% .056 229.695)",
}
UNFOLD = {
    "SITE_TITLE": "Catalog Harvesting",
    "SITE_HEADER": "Catalog Harvesting",
    "SITE_SYMBOL": "sailing",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("harvests/favicon.svg"),
        }
    ],
    "SITE_URL": None,  # the admin is the site
    "COLORS": {"primary": SEA},
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("harvests/admin.css")],
    "SCRIPTS": [lambda request: static("harvests/keys.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Your account", "link": reverse_lazy("account-profile")},
            {
                "title": "Your notifications",
                "link": reverse_lazy("account-notifications"),
            },
            {"title": "API tokens", "link": reverse_lazy("account-tokens")},
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
}
