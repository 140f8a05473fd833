"""How a source lets us in, beside the rest of its form.

Secrets go in and never come out: an empty field keeps what is stored. They are for
the server they were entered for, so a source that moves needs them again.
"""

from typing import Any, Final
from urllib.parse import unquote

from django.views.decorators.debug import sensitive_variables

from harvests.forms.access_fields import AccessFields
from harvests.forms.secret_fields import PROXY_PASSWORD, without_password
from harvests.models import AccessError, HarvestSource, Secrets, SourceAccess
from harvests.models.access import SECRETS, lead_the_same_way, server_of, told

PLAIN: Final = ("username", "verify_tls", "ca_certificates", "proxy")
STORED: Final = "stored; leave empty to keep"
UNREADABLE: Final = "stored, but unreadable: enter it again"
OPEN: Final = (
    "The access data go over http, where anybody on the way can read them: use https "
    "if the server has it."
)


def kept_of(access: SourceAccess) -> tuple[list[str], bool]:
    """Return which secrets are stored, and whether they can be read."""
    try:
        return access.stored()[0].names(), True
    except AccessError:
        return list(SECRETS), False


def access_of(source: HarvestSource) -> SourceAccess:
    """Return what is stored; asked once of the database for each source in memory."""
    found: SourceAccess | None = getattr(source, "_access", None)
    if found is None:
        found = source._access = SourceAccess.of(source)  # type: ignore[attr-defined]
    return found


def warnings_of(source: HarvestSource, access: SourceAccess | None = None) -> list[str]:
    """Return what is wrong with how a source lets us in, in sentences.

    `access` is what is stored, if the caller has it.
    """
    access = access or SourceAccess.of(source)  # as it is now, after a form was saved
    try:
        secrets = access.secrets
    except AccessError as error:
        return [str(error)]
    if secrets and source.url.startswith("http://"):
        return [OPEN]
    return []


class AccessForm(AccessFields):
    """Knows what is stored already; `save_access` stores what was entered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._access = access_of(self.instance)
        kept, self._readable = kept_of(self._access)
        for name in SECRETS:
            if name in kept:
                shown = STORED if self._readable else UNREADABLE
                self.fields[name].widget.attrs["placeholder"] = shown
            else:
                del self.fields[f"forget_{name}"]
        self.initial |= {name: getattr(self._access, name) for name in PLAIN}

    def clean(self) -> dict[str, Any]:
        super().clean()
        self._split_proxy()
        if self._readable:
            self._check_servers()
        self._check_login()
        return self.cleaned_data

    @sensitive_variables()
    def _split_proxy(self) -> None:
        """A password written into the proxy's URL goes where passwords go."""
        proxy = self.cleaned_data.get("proxy", "")
        written = PROXY_PASSWORD.search(proxy)
        if written and not self.cleaned_data.get("proxy_password"):
            self.cleaned_data["proxy_password"] = unquote(written[1])
        self.cleaned_data["proxy"] = without_password(proxy)
        if self.cleaned_data.get("proxy_password") and "@" not in proxy:
            self.add_error(
                "proxy_password",
                "Write the user name into the proxy's address, such as "
                "http://name@proxy.example.org:3128.",
            )

    def _check_servers(self) -> None:
        """Who may change the URL or the proxy does not get the secrets by that."""
        kept, before = self._access.stored()
        url = self.cleaned_data.get("url", self.instance.url)
        now = [server_of(url), server_of(self.cleaned_data["proxy"])]
        if lead_the_same_way(before, now):
            return
        message = (
            f"What is stored was entered for {told(before)}: enter it again for "
            f"{told(now)}, or have it forgotten."
        )
        for name in kept.names():
            if not self._is_settled(name):
                self.add_error(name, message)
        if self._is_name_kept(kept):
            self.add_error("username", f"{message} Enter a password, or clear this.")

    def _is_name_kept(self, kept: Secrets) -> bool:
        """Tell whether a user name that has no password would go along unasked."""
        name = self.cleaned_data.get("username")
        is_same = bool(name) and name == self._access.username
        return is_same and not kept.password and not self._is_touched("password")

    def _is_touched(self, name: str) -> bool:
        """Tell whether a secret was entered, or is to be forgotten."""
        wishes = (name, f"forget_{name}")
        return any(self.cleaned_data.get(wish) for wish in wishes)

    def _is_settled(self, name: str) -> bool:
        """Tell whether nothing of what is stored needs to be kept."""
        useless = name == "proxy_password" and "@" not in self.cleaned_data["proxy"]
        return self._is_touched(name) or useless or name in self.errors

    def _check_login(self) -> None:
        """Several logins would go into one header."""
        new = self._secrets()
        names = [name.lower() for name, _value in new.headers]
        user = new.password or self.cleaned_data.get("username")
        if [bool(user), bool(new.token), "authorization" in names].count(True) > 1:
            self.add_error(
                "token" if new.token else "headers",
                "Give a user name and password, or a token, or a header Authorization: "
                "a request takes one of them.",
            )

    @sensitive_variables()
    def _secrets(self) -> Secrets:
        """Return what is to be stored: what was entered, and what is kept."""
        kept = self._access.stored()[0] if self._readable else Secrets()
        values = {}
        for name in SECRETS:
            if self.cleaned_data.get(name):
                values[name] = self.cleaned_data[name]
            elif not self._is_settled(name):
                values[name] = getattr(kept, name)
        return Secrets(**values)

    def save_access(self, source: HarvestSource) -> None:
        """Store what was entered; call it after the source is stored."""
        access = self._access
        access.source = source
        for name in PLAIN:
            setattr(access, name, self.cleaned_data[name])
        if self._readable or any(map(self._is_touched, SECRETS)):
            access.seal(self._secrets())
        if access.is_used:
            access.save()
        elif not access._state.adding:
            access.delete()
