"""Forms of what people edit."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import UnfoldAdminSelectWidget

from harvests.models import HarvestSource, Organization
from harvests.models.fields import NO_PASSWORD
from harvests.pipeline.sources import SOURCES

URL_INVALID = (
    "This is not a web address: give the whole address of the folder or service, "
    "such as https://example.org/waf/."
)
INTERVAL_SHORT = "Give at least 0.042 days (one hour)."
# With a code of its own, so that URL_INVALID does not stand in for its message
PASSWORD = RegexValidator(
    NO_PASSWORD.regex, NO_PASSWORD.message, code="password", inverse_match=True
)


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of sources as choices; a new kind needs no migration."""
    return [(key, kind.label) for key, kind in SOURCES.items()]


class OrganizationForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = ("name", "description", "url", "logo_url", "ckan_harvest_url")
        help_texts = {
            "name": "Also the name of its folder in the central WAF. It cannot be "
            "changed later, because catalogues know our records by that address.",
            "ckan_harvest_url": "Address of the harvest source in CKAN that reads "
            "this organization's folder.",
        }


class SourceForm(forms.ModelForm):
    harvest_type = forms.ChoiceField(
        label="Kind", choices=kinds, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = HarvestSource
        fields = (
            *("name", "organization", "harvest_type", "url", "harvest_contact"),
            *("publish", "harvest_interval", "cron", "time_zone"),
            *("max_depth", "removal_limit"),
        )
        labels = {
            "url": "URL",
            "publish": "Published",
            "harvest_interval": "Interval",
            "max_depth": "Depth",
        }
        help_texts = {
            "organization": "Its folder takes the records. It cannot be changed once "
            "there are any, because catalogues know them by that address.",
            "url": "Address of the folder or service to harvest.",
            "harvest_contact": "Whom to ask when a harvest fails.",
        }
        error_messages = {
            "url": {"invalid": URL_INVALID, "required": URL_INVALID},
            "harvest_interval": {"min_value": INTERVAL_SHORT},
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        same = HarvestSource.objects.filter(url=url).exclude(pk=self.instance.pk)
        other = same.first()
        if other:
            raise forms.ValidationError(
                f"The source “{other}” of {other.organization_id} has this URL already."
            )
        return url

    @property
    def schedule_changed(self) -> bool:
        return bool({"harvest_interval", "cron", "time_zone"} & set(self.changed_data))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.harvest_type
        if "url" in self.fields:  # it is not, for who may only look
            self.fields["url"].validators.append(PASSWORD)
        field = self.fields.get("harvest_type")
        if field and kind and kind not in SOURCES:  # registered, then its code left
            field.choices = [*kinds(), (kind, f"{kind} (not available)")]
