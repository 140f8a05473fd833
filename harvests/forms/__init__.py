"""Forms of what people edit."""

from harvests.forms.checks import CheckForm
from harvests.forms.organizations import OrganizationForm
from harvests.forms.sources import SourceForm

__all__ = ["CheckForm", "OrganizationForm", "SourceForm"]
