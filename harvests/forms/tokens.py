"""The form of a new API token."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from harvests.models import ApiToken, TokenScope
from harvests.tokens import DAYS, LONGEST


class TokenForm(forms.ModelForm):
    scope = forms.ChoiceField(
        label="May",
        choices=TokenScope.choices,
        initial=TokenScope.READ,
        widget=UnfoldAdminSelectWidget,
        help_text="Writing: what you may change yourself, no more.",
    )
    days = forms.IntegerField(
        label="Good for, in days",
        initial=DAYS,
        min_value=1,
        max_value=LONGEST,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = ApiToken
        fields = ("name",)
        help_texts = {"name": "What it is for, such as the program that uses it."}
        widgets = {"name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})}

    field_order = ("name", "scope", "days")

    def options(self) -> dict[str, Any]:
        """Return what the token is to be like."""
        return {name: self.cleaned_data[name] for name in ("name", "scope", "days")}
