"""Form fields whose values are typed in and never shown again, not even at once."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from harvests.pipeline.fetching.access import check_header, check_login
from harvests.pipeline.fetching.proxy import check_proxy

PROXY_PASSWORD: Final = re.compile(r":(?!//)(.*)@")


def refuse(problem: str, start: str = "") -> None:
    """Raise ValidationError with what the pipeline has against a value, if it has."""
    if problem:
        raise ValidationError(f"{start}{problem[0].upper()}{problem[1:]}.")


class SecretField(forms.CharField):
    """A password: any characters, on one line."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password"}
        widget = UnfoldAdminPasswordWidget(attrs=attrs)
        defaults = {"required": False, "strip": False, "max_length": 2000}
        super().__init__(widget=widget, **{**defaults, **kwargs})

    @sensitive_variables()
    def validate(self, value: str) -> None:
        super().validate(value)
        refuse(check_login("", value, ""))


class TokenField(SecretField):
    @sensitive_variables()
    def validate(self, value: str) -> None:
        super().validate(value)
        refuse(check_login("", "", value))


class HiddenLines(UnfoldAdminTextareaWidget):
    def format_value(self, value: Any) -> str:
        return ""


class HeadersField(forms.CharField):
    """Lines of "Name: value"; the cleaned value is a tuple of pairs."""

    def __init__(self, **kwargs: Any) -> None:
        widget = HiddenLines(attrs={"rows": 3, "autocomplete": "off"})
        defaults = {"required": False, "strip": False, "max_length": 8000}
        super().__init__(widget=widget, **{**defaults, **kwargs})

    @sensitive_variables()
    def clean(self, value: str) -> tuple[tuple[str, str], ...]:
        rows = enumerate(re.split(r"\r?\n", super().clean(value)), start=1)
        pairs = tuple(_header(number, row) for number, row in rows if row.strip())
        names = [name.lower() for name, _value in pairs]
        for name in names:
            refuse("name each header once" if names.count(name) > 1 else "")
        return pairs


@sensitive_variables()
def _header(number: int, row: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in row.partition(":"))
    refuse("" if colon else "write the name, a colon and the value", f"Line {number}: ")
    refuse(check_header(name, value), f"Line {number}: ")
    return name, value


class ProxyInput(UnfoldAdminTextInputWidget):
    def format_value(self, value: Any) -> str:
        return without_password(value or "")


class ProxyField(forms.CharField):
    """A proxy's URL. What to do with a password in it is left to the form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=300, widget=ProxyInput(), **kwargs)

    @sensitive_variables()
    def validate(self, value: str) -> None:
        super().validate(value)
        refuse(check_proxy(value))


@sensitive_variables()
def without_password(proxy: str) -> str:
    return PROXY_PASSWORD.sub("@", proxy)


class ForgetField(forms.BooleanField):
    def __init__(self, what: str) -> None:
        label = f"Forget the {what}"
        super().__init__(
            required=False, label=label, widget=UnfoldBooleanSwitchWidget()
        )
