"""Who may do what, as a table: every page and every action of the admin, each role.

A new page fails here until it has a row: GET first, then POST.
"""

import django_rq
import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from harvests import permissions
from harvests.models import HarvestJob, HarvestSource, Membership, Organization
from tests.emptying import empty_database
from tests.roles import ROLES, cast, everything, ocean, pages, things

pytestmark = pytest.mark.django_db(transaction=True)

# What each role gets, in the order of ROLES
EVERYBODY = ("ok", "ok", "ok", "ok", "ok")
APPROVED = ("login", "login", "ok", "ok", "ok")
OWNERS = ("login", "login", "no", "ok", "ok")
ADMINS = ("login", "login", "no", "no", "ok")
NOBODY = ("login", "login", "no", "no", "no")
PART = ("no", "no", "ok", "ok", "ok")  # of a page: no way to sign in leads there
PROFILE = ("login", "ok", "ok", "ok", "ok")  # the second is led to where to wait
SOME = ("login", "login", "ok", "ok", "ok")  # who is of some organization
QUEUE = ("login", "login", "login", "login", "ok")

READ_ONLY = {"list": (APPROVED, APPROVED), "change": (APPROVED, NOBODY)}
READ_ONLY |= {"add": (NOBODY, NOBODY), "delete": (NOBODY, NOBODY)}
SOURCE = {"list": (APPROVED, APPROVED), "change": (APPROVED, OWNERS)}
SOURCE |= {"add": (APPROVED, APPROVED), "delete": (OWNERS, OWNERS)}
ORGANIZATION = {"list": (APPROVED, APPROVED), "change": (APPROVED, ADMINS)}
ORGANIZATION |= {"add": (ADMINS, ADMINS), "delete": (ADMINS, ADMINS)}
USER = {"list": (ADMINS, ADMINS), "change": (ADMINS, ADMINS)}
USER |= {"add": (ADMINS, ADMINS), "delete": (ADMINS, ADMINS)}
TRAIL = {"list": (ADMINS, ADMINS), "change": (ADMINS, NOBODY)}
TRAIL |= {"add": (NOBODY, NOBODY), "delete": (NOBODY, NOBODY)}
WEB_HOOK = {"list": (SOME, SOME), "change": (OWNERS, OWNERS)}
WEB_HOOK |= {"add": (SOME, SOME), "delete": (OWNERS, OWNERS)}
MODELS = {
    "harvests_harvestsource": SOURCE,
    "harvests_harvestjob": READ_ONLY,
    "harvests_harvestoutcome": READ_ONLY,
    "harvests_harvestrecord": READ_ONLY,
    "harvests_trashedrecord": READ_ONLY,
    "harvests_organization": ORGANIZATION,
    "auth_user": USER,
    "admin_logentry": TRAIL,
    "harvests_apitoken": TRAIL,
    "harvests_cause": READ_ONLY,
    "harvests_webhook": WEB_HOOK,
}

TABLE = {
    "": (EVERYBODY, EVERYBODY),  # favicon.ico
    "home": (APPROVED, APPROVED),
    "running": (PART, PART),
    "ended": (PART, PART),
    "source": (APPROVED, APPROVED),
    "source-preview": (OWNERS, OWNERS),
    "source-dismiss": (APPROVED, OWNERS),
    "source-unkeep": (APPROVED, OWNERS),
    "land": (EVERYBODY, EVERYBODY),
    "waf": (EVERYBODY, EVERYBODY),
    "waf-folder": (EVERYBODY, EVERYBODY),
    "waf-document": (EVERYBODY, EVERYBODY),
    "waf-folders": (EVERYBODY, EVERYBODY),
    "waf-changes": (EVERYBODY, EVERYBODY),
    "waf-sitemap": (EVERYBODY, EVERYBODY),
    "waf-sitemap-part": (EVERYBODY, EVERYBODY),
    "waf-index": (EVERYBODY, EVERYBODY),
    "waf-feed": (EVERYBODY, EVERYBODY),
    "waf-archive": (EVERYBODY, EVERYBODY),
    "about": (EVERYBODY, EVERYBODY),
    "badge": (EVERYBODY, EVERYBODY),
    "account-request": (EVERYBODY, EVERYBODY),
    "account-verify": (EVERYBODY, EVERYBODY),
    "account-address": (EVERYBODY, EVERYBODY),
    "account-waiting": (EVERYBODY, EVERYBODY),
    "account-profile": (PROFILE, PROFILE),
    "account-tokens": (PROFILE, PROFILE),
    "account-token-revoke": (EVERYBODY, PROFILE),  # that of somebody else is not there
    # These ask for tokens, not cookies: tests/api has who gets what by those
    "api-docs": (EVERYBODY, EVERYBODY),
    "api-nothing": (EVERYBODY, EVERYBODY),
    "registry-worker": (EVERYBODY, EVERYBODY),
    "registry-harvests": (EVERYBODY, EVERYBODY),
    "registry-one": (EVERYBODY, EVERYBODY),
    "registry-start": (EVERYBODY, EVERYBODY),
    "registry-login": (EVERYBODY, EVERYBODY),
    "registry-logout": (EVERYBODY, EVERYBODY),
    "account-notifications": (PROFILE, PROFILE),
    "account-feed": (PROFILE, PROFILE),
    "unsubscribe": (EVERYBODY, EVERYBODY),
    "events-feed": (EVERYBODY, EVERYBODY),  # its token is what counts
    "notifications": (APPROVED, APPROVED),
    "notifications-test": (APPROVED, ADMINS),
    "notifications-again": (APPROVED, ADMINS),
    "password-reset": (EVERYBODY, EVERYBODY),
    "password-reset-confirm": (EVERYBODY, EVERYBODY),
    "where": (APPROVED, APPROVED),
    "admin:": (APPROVED, APPROVED),  # the address of a row, and what is not there
    "admin:index": (EVERYBODY, EVERYBODY),  # leads to the dashboard
    "admin:search": (APPROVED, APPROVED),
    "admin:login": (EVERYBODY, EVERYBODY),
    "admin:logout": (EVERYBODY, EVERYBODY),
    "admin:password_change": (APPROVED, APPROVED),
    "admin:password_change_done": (APPROVED, APPROVED),
    "admin:autocomplete": (NOBODY, APPROVED),  # no field has it, and no POST
    "admin:jsi18n": (APPROVED, APPROVED),
    "admin:view_on_site": (EVERYBODY, EVERYBODY),  # is not there
    "admin:app_list": (APPROVED, APPROVED),
    "admin:harvests_source_harvest": (OWNERS, OWNERS),
    "admin:harvests_source_reread": (OWNERS, OWNERS),
    "admin:harvests_source_removals": (OWNERS, OWNERS),
    "admin:harvests_source_cancel": (OWNERS, OWNERS),
    "admin:harvests_source_ckan": (OWNERS, OWNERS),
    "admin:harvests_source_ckan_check": (ADMINS, ADMINS),
    "admin:harvests_job_cancel": (OWNERS, OWNERS),
    "admin:harvests_job_live": (APPROVED, APPROVED),  # no POST
    "admin:harvests_source_runs": (APPROVED, APPROVED),  # no POST
    "admin:harvests_job_again": (OWNERS, OWNERS),
    "admin:harvests_trash_restore": (OWNERS, OWNERS),
    "admin:harvests_records_csv": (APPROVED, APPROVED),
    "admin:harvests_records_json": (APPROVED, APPROVED),
    "admin:harvests_record_xml": (APPROVED, APPROVED),
    "admin:harvests_problems": (APPROVED, APPROVED),
    "admin:harvests_webhook_secret": (OWNERS, OWNERS),
    "admin:auth_user_password_change": (ADMINS, ADMINS),
}
for model, rows in MODELS.items():
    TABLE[f"admin:{model}_changelist"] = rows["list"]
    TABLE[f"admin:{model}_history"] = (rows["list"][0], rows["list"][0])
    for what in ("add", "change", "delete"):
        TABLE[f"admin:{model}_{what}"] = rows[what]
TABLE["admin:harvests_webhook_history"] = (OWNERS, OWNERS)
ACTIONS = {
    ("harvestsource", "harvest_selected"): OWNERS,
    ("harvestsource", "cancel_selected"): OWNERS,
    ("trashedrecord", "restore_selected"): OWNERS,
    ("apitoken", "revoke_selected"): ADMINS,
    ("organization", "delete_selected"): ADMINS,
    ("user", "approve_selected"): ADMINS,
}
PAGES = sorted(
    (name, tuple(parts))
    for name, parts in {(name, tuple(parts)) for name, _route, parts in pages()}
    if not name.startswith("api:")  # see tests/api/test_permissions.py
)
NAMED = [page for page in PAGES if page[0] not in {"", "admin:"}]


def expected(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (QUEUE, QUEUE) if name.startswith("django_rq:") else TABLE[name]


def url_of(name: str, parts: tuple[str, ...], rows: dict) -> str:
    model = "user" if "auth_user" in name else name.split("_")[1:2]
    kinds = {"source": "harvestsource", "job": "harvestjob", "trash": "trashedrecord"}
    kinds |= {"record": "harvestrecord"}
    model = model if isinstance(model, str) else "".join(model)
    row = rows.get(kinds.get(model, model), rows["harvestsource"])
    others = {"organization": "Ocean Institute", "app_label": "harvests"}
    others |= {"source": rows["harvestsource"].pk, "part": 1, "name": "1.xml"}
    others |= {"queue_index": 0, "connection_index": 0, "scheduler_index": 0}
    kind = ContentType.objects.get_for_model(HarvestSource)
    others |= {"content_type_id": kind.pk}
    given = {part: others.get(part, row.pk) for part in parts}
    return reverse(name, kwargs=given)


def got(client: Client, method: str, url: str) -> str:
    answer = getattr(client, method)(url)
    if answer.status_code == 302 and "/admin/login/" in answer["Location"]:
        return "login"
    if answer.status_code == 500 and "django_rq" not in url:  # theirs, for no job
        return "error"
    return "no" if answer.status_code == 403 else "ok"


def test_every_page_is_in_the_table():
    missing = {name for name, _parts in PAGES if not name.startswith("django_rq:")}
    assert missing - set(TABLE) == set()


def test_each_role_sees_what_the_table_says(queues):
    clients, rows = cast(), things()
    for name, parts in NAMED:
        url = url_of(name, parts, rows)
        found = tuple(got(clients[role], "get", url) for role in ROLES)
        assert (name, found) == (name, expected(name)[0])


def sessions() -> set[str]:
    return set(Session.objects.values_list("pk", flat=True))


def test_each_role_does_what_the_table_says(queues):
    before = None
    for name, parts in NAMED:
        if before is None or before != (everything(), sessions()):
            empty_database()
            clients, rows = cast(), things()
            before = (everything(), sessions())
        url = url_of(name, parts, rows)
        found = tuple(got(clients[role], "post", url) for role in ROLES)
        assert (name, found) == (name, expected(name)[1])


def test_no_get_changes_anything(queues):
    client, rows = cast()["admin"], things()
    before = everything()
    for name, parts in NAMED:
        client.get(url_of(name, parts, rows))
    assert everything() == before
    assert django_rq.get_queue("default").is_empty()


def test_no_post_without_a_token_changes_anything(queues):
    client, rows = cast()["admin"], things()
    client.handler.enforce_csrf_checks = True
    before = everything()
    for name, parts in NAMED:
        url = url_of(name, parts, rows)
        assert client.post(url).status_code in {302, 401, 403, 404, 405}, name
    assert everything() == before


def actions() -> set[tuple[str, str]]:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    return {
        (model._meta.model_name, name)
        for model, site in admin.site._registry.items()
        for name in site.get_actions(request)
    }


def test_every_action_is_in_the_table():
    assert actions() == set(ACTIONS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("model", "action"), ACTIONS)
def test_an_action_works_for_whom_the_table_says(
    model, action, role, queues, output_dir
):
    client, rows = cast()[role], things()
    if action == "cancel_selected":
        HarvestJob.objects.start_for(rows["harvestsource"])
    if model == "organization":
        rows[model] = Organization.objects.create(name="Empty")
    trash = output_dir / ".trash" / "Ocean Institute"
    trash.mkdir(parents=True)
    (trash / rows["trashedrecord"].pk).write_text("<a/>")
    before = everything()
    app = "auth" if model == "user" else "harvests"
    chosen = {"action": action, "_selected_action": [rows[model].pk], "post": "yes"}
    client.post(reverse(f"admin:{app}_{model}_changelist"), chosen)
    works = ACTIONS[model, action][ROLES.index(role)] == "ok"
    assert (everything() != before) == works


def source_of(client: Client, organization: Organization, **fields: str) -> str:
    """Fill in the form of a new source; return what the page says then."""
    values = {"name": "New", "organization": organization.name, "harvest_type": "WAF"}
    values |= {"url": "https://example.org/new/", "harvest_interval": "1"}
    values |= {"time_zone": "UTC", "max_depth": "2", "removal_limit": "20", **fields}
    url = reverse("admin:harvests_harvestsource_add")
    return client.post(url, values, follow=True).content.decode()


def test_a_member_adds_sources_to_their_own_organization_only():
    clients = cast()
    river = Organization.objects.get(name="River Office")
    form = clients["member"].get(reverse("admin:harvests_harvestsource_add"))
    assert "River Office" not in form.content.decode()
    assert "There is no organization “River Office” that you may use." in source_of(
        clients["member"], river
    )
    assert not HarvestSource.objects.exists()
    source_of(clients["member"], ocean())
    assert HarvestSource.objects.get().organization_id == "Ocean Institute"


def test_a_member_of_both_moves_nothing_to_the_other():
    clients, rows = cast(), things()
    river = Organization.objects.get(name="River Office")
    member = User.objects.get(username="member")
    Membership.objects.create(user=member, organization=river)
    bare = HarvestSource.objects.create(
        name="Bare", url="https://example.org/bare/", organization=ocean()
    )
    url = reverse("admin:harvests_harvestsource_change", args=[bare.pk])
    values = {"name": "Renamed", "organization": river.name, "harvest_type": "WAF"}
    values |= {"url": bare.url, "harvest_interval": "1", "time_zone": "UTC"}
    clients["member"].post(url, values | {"max_depth": "2", "removal_limit": "20"})
    bare.refresh_from_db()
    assert (bare.name, bare.organization_id) == ("Renamed", "Ocean Institute")
    assert rows["harvestsource"].organization_id == "Ocean Institute"


def test_who_is_no_longer_active_may_do_nothing():
    cast()
    user = User.objects.get(username="member")
    source = things()["harvestsource"]
    assert user.has_perm("harvests.change_harvestsource", source)
    user.is_active = False
    assert not user.has_perm("harvests.view_harvestsource")
    assert not permissions.may(user, permissions.CHANGE, source)


def test_the_buttons_of_a_list_are_those_of_the_persons_own_rows():
    clients, rows = cast(), things()
    button = reverse("admin:harvests_source_harvest", args=[rows["harvestsource"].pk])
    page = reverse("admin:harvests_harvestsource_changelist")
    shown = [button in clients[role].get(page).content.decode() for role in ROLES]
    assert shown == [False, False, False, True, True]


def test_a_list_takes_no_lookups_but_its_filters():
    client = cast()["admin"]
    for name in (name for name in TABLE if "changelist" in name):
        for query in ("title__regex=(((", "source__url__regex=(", "a=1"):
            answer = client.get(f"{reverse(name)}?{query}")
            assert answer.status_code in {302, 400}, (name, query)
