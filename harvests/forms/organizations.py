"""The form of an organization."""

from django import forms

from harvests.models import Organization


class OrganizationForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = ("name", "description", "url", "logo_url", "ckan_harvest_url")
        labels = {"url": "Web site", "logo_url": "Address of the logo"}
        help_texts = {
            "name": "Also the name of its folder in the central WAF. It cannot be "
            "changed later, because catalogues know our records by that address.",
            "ckan_harvest_url": "Address or name of the harvest source in CKAN that "
            "reads this organization's folder; its sources may have others.",
        }
