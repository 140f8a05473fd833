"""Forms about notifications: what a person wants to be told, web hooks."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldBooleanSwitchWidget,
)

from harvests.models import EventKind, NotificationChoice, WebHook


class ChoiceForm(forms.ModelForm):
    class Meta:
        model = NotificationChoice
        fields = ("changes", "digest", "muted")
        labels = {
            "changes": "When a source changes state",
            "digest": "A digest of each week",
            "muted": "No mails at all",
        }
        help_texts = {
            "changes": "It fails or is harvested again, removals are held, or its "
            "first harvest is done. Of the sources of your organizations, and those "
            "whose contact you are.",
            "digest": "What changed at the sources of your organizations.",
            "muted": "Whatever is chosen above. Mails about your account still come.",
        }
        widgets = dict.fromkeys(fields, UnfoldBooleanSwitchWidget())


class WebHookForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label="Events",
        required=False,
        choices=EventKind,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: all of them.",
    )

    class Meta:
        model = WebHook
        fields = ("organization", "url", "kinds", "enabled")
        labels = {"enabled": "On"}
        help_texts = {
            "organization": "Events of its sources are posted; without one, those of "
            "all sources (for admins only).",
            "url": "It gets a POST with JSON for each event, signed by the rules of "
            "Standard Webhooks.",
            "enabled": "It is switched off by itself after a week without success, or "
            "when its server answers 410 Gone.",
        }

    def clean(self) -> dict[str, Any]:
        """Start afresh where it is switched on again, or leads elsewhere."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if {"enabled", "url"} & set(self.changed_data):
            self.instance.failing_since, self.instance.note = None, ""
        return data
