"""Which fields stand where on a source's page; what is not used is folded away."""

from typing import Any, Final

from harvests.forms.access import access_of, kept_of
from harvests.models import HarvestSource, SourceAccess
from harvests.models.access import SECRETS

Fields = tuple[Any, ...]

WHERE: Final = ("url", "harvest_type")
WHAT: Final = ("name", "organization", "harvest_contact", "ckan_harvest_url")
WHEN: Final = ("publish", "harvest_interval", "cron", "time_zone")
WHICH: Final = ("include", "exclude", "cql", "bbox")
POLITENESS: Final = (
    *("connections", "delay", "timeout", "idle_timeout", "robots", "user_agent"),
)
CHECKS: Final = (*("check_schema", "check_rules", "check_ckan", "publish_with_errors"),)
LIMITS: Final = ("max_depth", "removal_limit")
WORDS: Final = {"proxy_password": "password of the proxy"}


def fieldsets(source: HarvestSource | None, *, editable: bool) -> list[tuple[str, Any]]:
    """Return the fieldsets of the page; `source` is None for a new one."""
    access = access_of(source) if source else SourceAccess(source=HarvestSource())
    parts: list[tuple[str, Fields, bool]] = [
        ("Where", WHERE, True),
        ("What", WHAT, True),
        ("When", (*WHEN, "next_runs"), True),
        ("Which records", WHICH, _is_set(source, WHICH)),
        ("Access", _access_fields(access, editable=editable), access.is_used),
        ("Politeness", POLITENESS, _is_set(source, POLITENESS)),
        ("Checks", CHECKS, _is_set(source, CHECKS)),
        ("Limits", LIMITS, True),
    ]
    return [(name, _fieldset(fields, shown)) for name, fields, shown in parts]


def _fieldset(fields: Fields, shown: bool) -> dict[str, Any]:
    return {"fields": fields, "classes": () if shown else ("collapse",)}


def _is_set(source: HarvestSource | None, names: Fields) -> bool:
    """Tell whether the source has something of its own among these."""
    if source is None:
        return False
    columns = [HarvestSource._meta.get_field(name) for name in names]
    return any(getattr(source, c.name) != c.get_default() for c in columns)


def _access_fields(access: SourceAccess, *, editable: bool) -> Fields:
    """Return the fields of the form; a secret that is stored can be forgotten too."""
    if not editable:
        return ("access_summary",)
    kept, _readable = kept_of(access)
    forget = {name: (f"forget_{name}",) if name in kept else () for name in SECRETS}
    return (
        *("username", "password", *forget["password"], "token", *forget["token"]),
        *("headers", *forget["headers"], "proxy", "proxy_password"),
        *(*forget["proxy_password"], "verify_tls", "ca_certificates"),
    )


def access_summary(source: HarvestSource) -> str:
    """Return how a source lets us in, for who may only look."""
    access = SourceAccess.of(source)
    kept, _readable = kept_of(access)
    told = [
        f"user name {access.username}" if access.username else "",
        *(f"{WORDS.get(name, name)} stored" for name in kept),
        f"by the proxy {access.proxy}" if access.proxy else "",
        "" if access.verify_tls else "TLS certificates are not verified",
        "CA certificates of its own" if access.ca_certificates else "",
    ]
    return ", ".join(filter(None, told)) or "Open to everybody."
