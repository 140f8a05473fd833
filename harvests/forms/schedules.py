"""When a source is to be harvested, as it stands in the form before it is saved."""

from typing import Any

from django import forms

from harvests.models import HarvestSource


def _rules(name: str) -> dict[str, Any]:
    """Return what the column of the source asks of its values."""
    column = HarvestSource._meta.get_field(name)
    return {"required": not column.blank, "validators": column.validators}


class ScheduleForm(forms.Form):
    publish = forms.BooleanField(required=False)
    harvest_interval = forms.FloatField(**_rules("harvest_interval"))
    cron = forms.CharField(**_rules("cron"))
    time_zone = forms.CharField(**_rules("time_zone"))

    @property
    def sentence(self) -> str:
        """Return the first thing that is wrong, "" if nothing is."""
        return next((told[0] for told in self.errors.values()), "")

    def apply(self, source: HarvestSource) -> bool:
        """Set the values on the source, unsaved; tell whether its plan changes."""
        before = [getattr(source, name) for name in self.cleaned_data]
        for name, value in self.cleaned_data.items():
            setattr(source, name, value)
        return before != list(self.cleaned_data.values())
