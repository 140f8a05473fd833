"""The form takes secrets in, keeps them, forgets them, and never shows one again."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.views.debug import get_exception_reporter_filter

from harvests import conf
from harvests.models import HarvestSource, Secrets, SourceAccess
from harvests.models.access import SECRETS
from harvests.pipeline.types import Profile

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://example.org/waf/"
TYPED = {
    "username": "ada",
    "password": "pa55 wörd",
    "headers": "X-Api-Key: k3y-1\nX-More: k3y-2",
    "proxy": "http://me:pr0xy@proxy.example.org:3128",
}
STORED = Secrets(
    password="pa55 wörd",
    headers=(("X-Api-Key", "k3y-1"), ("X-More", "k3y-2")),
    proxy_password="pr0xy",
)
WORDS = ("pa55", "k3y", "pr0xy")


@pytest.fixture
def fields(organization) -> dict[str, object]:
    """A form as it is sent when nobody touched what may be left alone."""
    return {
        "name": "Buoys",
        "organization": organization.name,
        "harvest_type": "WAF",
        "url": URL,
        "harvest_interval": "1",
        "time_zone": "UTC",
        "max_depth": "2",
        "removal_limit": "20",
        **dict.fromkeys(
            ("verify_tls", "check_schema", "check_rules", "check_ckan"), "on"
        ),
        "publish_with_errors": "on",
    }


@pytest.fixture
def save(ada, address, fields):
    """Send the form, changed by these; return what the page then says, or ""."""

    def send(**changes: object) -> str:
        source = HarvestSource.objects.first()
        page = "harvestsource_change" if source else "harvestsource_add"
        to = address(page, source) if source else address(page)
        response = ada.post(to, {**fields, **changes})
        return html.unescape(response.content.decode())

    return send


@pytest.fixture
def guarded(save) -> HarvestSource:
    """A source with all kinds of secrets that go together."""
    assert save(**TYPED) == ""
    return HarvestSource.objects.get()


@pytest.fixture
def locked(settings, save) -> HarvestSource:
    """A source whose secrets were stored with a key that is gone."""
    settings.SECRETS_KEY = ["gone"]
    assert save(**TYPED) == ""
    settings.SECRETS_KEY = []
    return HarvestSource.objects.get()


def stored() -> Secrets:
    return SourceAccess.objects.get().secrets


def test_a_source_open_to_everybody_has_no_access(save):
    assert save() == ""
    assert not SourceAccess.objects.exists()
    assert conf.fetch_policy(HarvestSource.objects.get()) == conf.fetch_policy()
    assert conf.profile_of(HarvestSource.objects.get()) == Profile()


def test_secrets_that_are_typed_in_are_stored(guarded):
    assert stored() == STORED
    access = SourceAccess.objects.get()
    assert (access.username, access.proxy) == (
        "ada",
        "http://me@proxy.example.org:3128",
    )


def test_no_secret_is_in_page_history_or_row(ada, address, guarded, save):
    save(proxy="http://me:pr0xy-new@proxy.example.org:3128")
    seen = ada.get(address("harvestsource_change", guarded)).content.decode()
    seen += ada.get(address("harvestsource_history", guarded)).content.decode()
    seen += "".join(entry.change_message for entry in LogEntry.objects.all())
    seen += str(
        list(HarvestSource.objects.values()) + list(SourceAccess.objects.values())
    )
    assert stored().proxy_password == "pr0xy-new"
    assert not [word for word in WORDS if word in seen]


def test_a_form_with_a_mistake_forgets_what_was_typed_in(save):
    page = save(**TYPED, token="", cron="never")
    assert "is not a cron expression" in page
    assert not [word for word in WORDS if word in page]


@pytest.mark.parametrize("proxy", ["http://me:pr0xy/1@p:3128", "me:pr0xy@p:3128"])
def test_a_password_in_a_wrong_proxy_is_not_shown_either(save, proxy):
    page = save(proxy=proxy)
    assert "A proxy is written http://" in page
    assert "pr0xy" not in page


def test_a_report_of_a_crash_leaves_out_what_was_typed_in(ada, address, fields):
    response = ada.post(address("harvestsource_add"), {**fields, **TYPED})
    request = response.wsgi_request
    reported = get_exception_reporter_filter(request).get_post_parameters(request)
    assert reported["name"] == "Buoys"
    assert not [word for word in WORDS if word in str(reported)]


def test_empty_fields_keep_what_is_stored(guarded, save):
    proxy = "http://me@proxy.example.org:3128"
    assert save(name="Gliders", username="bob", proxy=proxy) == ""
    access = SourceAccess.objects.get()
    assert (access.secrets, access.username) == (STORED, "bob")


def test_the_page_says_which_are_stored(ada, address, guarded):
    page = ada.get(address("harvestsource_change", guarded)).content.decode()
    assert page.count('placeholder="stored; leave empty to keep"') == 3
    named = set(re.findall(r'name="forget_(\w+)"', page))
    assert named == {"password", "headers", "proxy_password"}


@pytest.mark.parametrize("name", ["password", "headers"])
def test_a_secret_is_forgotten_alone(guarded, save, name):
    save(**{f"forget_{name}": "on", "proxy": "http://me@proxy.example.org:3128"})
    assert set(stored().names()) == {"password", "headers", "proxy_password"} - {name}


def test_without_a_proxy_its_password_goes(guarded, save):
    assert save(proxy="") == ""
    assert stored().names() == ["password", "headers"]


def test_when_all_is_forgotten_nothing_is_left(guarded, save):
    assert save(forget_password="on", forget_headers="on") == ""
    assert not SourceAccess.objects.exists()


MOVES = [
    {"url": "https://thief.example.org/waf/"},
    {"url": "http://example.org/waf/"},
    {"url": "https://example.org:8443/waf/"},
    {"proxy": "http://me@thief.example.org:3128"},
]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: next(iter(move.values())))
def test_a_source_that_moves_needs_its_secrets_again(save, move):
    assert save(password="pa55", token="", username="ada") == ""
    before = SourceAccess.objects.get().sealed
    page = save(username="ada", **move)
    assert "What is stored was entered for https://example.org:443: enter it" in page
    assert HarvestSource.objects.get().url == URL
    assert SourceAccess.objects.get().sealed == before


@pytest.mark.parametrize("move", MOVES, ids=lambda move: next(iter(move.values())))
@pytest.mark.parametrize("way", [{"password": "pa55"}, {"forget_password": "on"}])
def test_a_source_moves_once_its_secrets_are_settled(save, move, way):
    save(password="pa55", username="ada")
    assert save(username="ada", **move, **way) == ""
    assert stored().password == way.get("password", "")


def test_a_path_of_the_same_server_needs_nothing(save):
    save(token="t0ken")
    assert save(url="https://EXAMPLE.org:443/other/") == ""
    assert stored().token == "t0ken"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"username": "a:b"}, "may not hold a colon"),
        ({"password": "a\tb"}, "may not hold control characters"),
        ({"token": "Bearer x"}, "the token must be ASCII characters without blanks"),
        ({"headers": "X-Key"}, "Line 1: Write the name, a colon and the value."),
        ({"headers": "\nX-Key: 1\nHost: x"}, "Line 3: The header Host is for"),
        ({"headers": "X-Key:"}, "the value of the header X-Key must be one line"),
        ({"proxy": "proxy:3128"}, "A proxy is written http://"),
        ({"proxy": "http://me:pw@proxy"}, "A proxy is written http://"),
        ({"proxy_password": "x"}, "Write the user name into the proxy's address"),
        ({"ca_certificates": "-----BEGIN"}, "There is no PEM certificate"),
        ({"username": "a", "token": "t"}, "a request takes one of them"),
        ({"password": "a", "headers": "Authorization: x"}, "a request takes one"),
        ({"include": "sub/*.xml"}, "begin it with a star, such as “*/sub/*.xml”"),
        ({"bbox": "1,2,3"}, "Give four numbers in degrees"),
        ({"bbox": "10,0,-10,5"}, "west is less than east"),
        ({"bbox": "0,0,1_0,1"}, "Give four numbers in degrees"),
        ({"bbox": "0,0,١,1"}, "Give four numbers in degrees"),
        ({"max_depth": "1001"}, "Give at most 1,000 levels"),
        ({"harvest_type": "CSW", "cql": "a" * 10_001}, "at most 10,000 characters"),
        ({"headers": "X-Key: 1\nx-key: 2"}, "name each header once"),
        ({"headers": "X-Key: 1\x0bX-More: 2"}, "the value of the header X-Key must"),
        ({"bbox": "0,0,1,1"}, "Only a catalogue service selects"),
        ({"cql": "a = 1"}, "Only a catalogue service selects"),
        ({"connections": "0"}, "greater than or equal to 1"),
        ({"delay": "61"}, "less than or equal to 60"),
        ({"timeout": "0"}, "greater than or equal to 1"),
        ({"user_agent": "Häuser"}, "Use plain letters, digits and signs"),
    ],
)
def test_a_wrong_entry_is_explained(save, typed, message):
    page = save(**typed)
    assert message.lower() in page.lower()
    assert not HarvestSource.objects.exists()


def test_a_page_says_that_secrets_cannot_be_read(ada, address, locked):
    page = ada.get(address("harvestsource_change", locked)).content.decode()
    assert "“Buoys” cannot be read with the present SECRETS_KEY" in page
    assert page.count("stored, but unreadable: enter it again") == len(SECRETS)


def test_what_cannot_be_read_is_kept_until_it_is_entered_again(locked, save):
    before = SourceAccess.objects.get().sealed
    assert save(name="Gliders") == ""
    assert SourceAccess.objects.get().sealed == before
    assert save(password="new", username="ada") == ""
    assert stored() == Secrets(password="new")


def test_a_catalogue_service_takes_a_filter_and_a_box(save):
    chosen = {"cql": "dc:type = 'dataset'", "bbox": "-98,18,-80,31"}
    assert save(harvest_type="CSW", **chosen) == ""
    selection = conf.selection_of(HarvestSource.objects.get())
    assert (selection.cql, selection.box.east) == (chosen["cql"], -80)


def test_what_cannot_be_read_can_be_forgotten(locked, save):
    assert save(**{f"forget_{name}": "on" for name in SECRETS}) == ""
    assert not SourceAccess.objects.exists()


def test_a_password_over_http_is_warned_of(ada, address, save, fields, said):
    fields |= {"url": "http://example.org/waf/", "token": "t0ken"}
    response = ada.post(address("harvestsource_add"), fields)
    assert "The access data go over http" in said(response)
    source = HarvestSource.objects.get()
    page = ada.get(address("harvestsource_change", source)).content.decode()
    assert "The access data go over http" in page


def test_who_may_only_look_sees_that_there_is_a_password(vera, address, guarded):
    page = html.unescape(
        vera.get(address("harvestsource_change", guarded)).content.decode()
    )
    assert "user name ada, password stored, headers stored, " in page
    assert "password of the proxy stored, " in page
    assert "by the proxy http://me@proxy.example.org:3128" in page
    assert not [word for word in WORDS if word in page]
    assert 'name="password"' not in page


def test_who_may_only_look_sees_an_open_source_as_such(vera, address, save):
    save(verify_tls="")
    source = HarvestSource.objects.get()
    page = address("harvestsource_change", source)
    assert "TLS certificates are not verified" in vera.get(page).content.decode()
    SourceAccess.objects.all().delete()
    assert "Open to everybody." in vera.get(page).content.decode()


def test_what_is_not_used_is_folded_away(ada, address, save):
    save()
    source = HarvestSource.objects.get()
    page = ada.get(address("harvestsource_change", source)).content.decode()
    assert page.count("<details>") == 4
    save(include="a*", delay="2", token="t", check_rules="")
    page = ada.get(address("harvestsource_change", source)).content.decode()
    assert page.count("<details>") == 0


def test_nobody_is_offered_permissions_on_secrets():
    assert not Permission.objects.filter(content_type__model="sourceaccess").exists()


@pytest.mark.parametrize("move", MOVES, ids=lambda move: next(iter(move.values())))
def test_a_user_name_alone_does_not_move_along(save, move):
    assert save(username="ada") == ""
    assert "was entered for https://example.org:443" in save(username="ada", **move)
    assert HarvestSource.objects.get().url == URL
    assert save(username="ada", password="pa55", **move) == ""
    assert conf.access_of(HarvestSource.objects.get()).password == "pa55"


def test_a_user_name_of_before_is_bound_once_its_form_is_saved(save):
    save(username="ada")
    SourceAccess.objects.update(sealed="")
    assert save(username="ada") == ""
    assert conf.access_of(HarvestSource.objects.get()).username == "ada"


def test_a_delay_that_is_no_number_is_refused():
    with pytest.raises(ValidationError, match="Give a number of seconds"):
        HarvestSource(url=URL, delay=float("nan")).clean()
