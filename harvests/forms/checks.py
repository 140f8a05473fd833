"""The form of a source that is looked at before it is saved."""

from typing import Any, Final

from django import forms
from django.views.decorators.debug import sensitive_variables

from harvests.forms.access import PLAIN
from harvests.forms.sources import SourceForm
from harvests.models import SourceAccess
from harvests.models.access import SECRETS
from harvests.pipeline.errors import DetectionError
from harvests.pipeline.pasted import repair

ANY: Final = "any"  # value of the button that has the kind found, whatever is chosen
# What a harvest does not ask for: it may be missing or wrong
UNUSED: Final = (
    *("name", "organization", "harvest_contact", "publish"),
    *("harvest_interval", "cron", "time_zone"),
)
AGAIN: Final = (
    "What you entered was used for the check and is not shown again: enter it once "
    "more to save it."
)


class CheckForm(SourceForm):
    """Takes an address as people paste it, and is never valid: nobody saves it.

    After `errors` was asked, `instance` is the source as it was filled in, `kind` the
    wanted kind ("": to be found) and `access` what its server is to see.
    """

    kind = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["harvest_type"].required = False

    def is_valid(self) -> bool:
        return False

    def full_clean(self) -> None:
        super().full_clean()
        for name in UNUSED:
            self._errors.pop(name, None)
        for name in SECRETS:
            if self.cleaned_data.get(name):
                self[name].help_text = AGAIN

    def clean_url(self) -> str:
        try:
            return repair(self.cleaned_data["url"]).url
        except DetectionError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_any = self.data.get("_check") == ANY
        self.kind = "" if is_any else data.get("harvest_type", "")
        if not self.kind:  # for the rules of the model, which knows no open kind
            selects = data.get("cql") or data.get("bbox")
            data["harvest_type"] = "CSW" if selects else "WAF"
        return data

    @property
    @sensitive_variables()
    def access(self) -> SourceAccess:
        """Return the access as filled in, bound to the address as filled in."""
        plain = {name: self.cleaned_data[name] for name in PLAIN}
        access = SourceAccess(source=self.instance, **plain)
        access.seal(self._secrets())
        return access
