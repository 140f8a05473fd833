"""The form of a source."""

from typing import Any, Final

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from harvests import ckan, conf
from harvests.forms.access import AccessForm
from harvests.models import HarvestSource
from harvests.pipeline.sources import SOURCES

KIND_MISSING: Final = "Choose a kind, or press Check to have it found."
NO_ORGANIZATION: Final = "There is no organization “%(value)s” that you may use."
NO_CKAN: Final = "No CKAN is set on this site."
TO_BE_FOUND: Final = ("", "to be found by Check")
FOREIGN: Final = (
    "This CKAN source is of “{}”: give that of your own organization, leave this "
    "empty, or ask an admin to enter it."
)
FEW_LINES: Final = {"rows": 3, "spellcheck": "false"}


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of sources as choices; a new kind needs no migration."""
    return [(key, kind.label) for key, kind in SOURCES.items()]


def site_defaults() -> dict[str, str]:
    """Return what holds where a source leaves a field empty."""
    return {
        "connections": f"{settings.CONNECTIONS_PER_HOST}",
        "timeout": f"{settings.FETCH_TOTAL_TIMEOUT:g}",
        "idle_timeout": f"{settings.FETCH_IDLE_TIMEOUT:g}",
        "user_agent": conf.user_agent(),
    }


class SourceGone(Exception):
    """The source was deleted while its form was filled in: nothing is stored."""


class SourceForm(AccessForm):
    by_admin = False  # admins may let organizations share a CKAN source

    harvest_type = forms.ChoiceField(
        label="Kind",
        choices=kinds,
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": KIND_MISSING},
    )

    class Meta:
        model = HarvestSource
        fields = (
            *("name", "organization", "harvest_type", "url", "harvest_contact"),
            *("publish", "harvest_interval", "cron", "time_zone"),
            "ckan_harvest_url",
            *("include", "exclude", "cql", "bbox"),
            *("connections", "delay", "timeout", "idle_timeout"),
            *("robots", "user_agent"),
            *("check_schema", "check_rules", "check_ckan", "publish_with_errors"),
            *("max_depth", "removal_limit"),
        )
        labels = {
            "url": "URL",
            "publish": "Published",
            "harvest_interval": "Interval",
            "max_depth": "Depth",
            "bbox": "Bounding box",
            "robots": "Obey robots.txt",
            "user_agent": "User-Agent",
            "timeout": "Time limit",
            "idle_timeout": "Idle limit",
            "check_schema": "Check against the schema",
            "check_rules": "Check what catalogues need",
            "check_ckan": "Check what CKAN refuses",
            "ckan_harvest_url": "CKAN source",
            "publish_with_errors": "Publish records with errors",
        }
        help_texts = {
            "organization": "Its folder takes the records. It cannot be changed once "
            "there are any, because catalogues know them by that address.",
            "url": "Address of the folder or service to harvest.",
            "harvest_contact": "Whom to ask when a harvest fails.",
            "include": "One shell pattern a line, such as “buoy-*.xml” for file names "
            "(of a catalogue: identifiers) or “*/2024/*” for whole URLs. Empty: all "
            "records.",
            "exclude": "Likewise; what matches here is left out.",
            "cql": "Catalogue services (CSW) only: a filter such as "
            "“dc:type = 'dataset'”.",
            "bbox": "Catalogue services (CSW) only: west,south,east,north in degrees, "
            "such as -98,18,-80,31.",
            "connections": "At most so many at once.",
            "delay": "Seconds between the starts of two requests.",
            "timeout": "Seconds for a whole answer.",
            "idle_timeout": "Seconds without any data.",
            "robots": "Leave out what the server's robots.txt forbids, and keep its "
            "crawl-delay.",
            "user_agent": "How we introduce ourselves.",
            "check_schema": "The XML schemas of ISO 19139.",
            "check_rules": "Titles, dates, extents, links.",
            "check_ckan": "File names, dates and prefixes that other catalogues take.",
            "ckan_harvest_url": "Address or name of the harvest source in CKAN that "
            "reads these records. Empty: that of the organization.",
            "publish_with_errors": "If not, a record that has an error stays out of "
            "the central WAF; one published before stays as it was.",
        }
        widgets = {
            "include": UnfoldAdminTextareaWidget(attrs=FEW_LINES),
            "exclude": UnfoldAdminTextareaWidget(attrs=FEW_LINES),
            "cql": UnfoldAdminTextareaWidget(attrs=FEW_LINES),
        }
        error_messages = {
            "organization": {"invalid_choice": NO_ORGANIZATION},
        }

    def clean_delay(self) -> float:
        return self.cleaned_data["delay"] or 0

    def clean(self) -> dict[str, Any]:
        """Members do not have CKAN harvest, with the site's key, what others have."""
        super().clean()
        if "ckan_harvest_url" in self.changed_data and not self.by_admin:
            written = self.cleaned_data.get("ckan_harvest_url") or ""
            mine = self.cleaned_data.get("organization", self.instance.organization_id)
            if owner := ckan.owner_of(written, str(mine)):
                self.add_error("ckan_harvest_url", FOREIGN.format(owner))
        return self.cleaned_data

    def store(self) -> HarvestSource:
        """Store a new source; of one that is there, the columns of this form alone.

        The others are a harvest's to write meanwhile. Raises SourceGone.
        """
        source = self.instance
        if source._state.adding:
            source.save()
        elif not self._update(source):
            raise SourceGone(f"“{source}” was deleted meanwhile: nothing is stored.")
        self.save_access(source)
        return source

    def _update(self, source: HarvestSource) -> int:
        columns = [column.name for column in HarvestSource._meta.concrete_fields]
        shown = [name for name in columns if name in self.fields]
        values = {name: getattr(source, name) for name in shown}
        return HarvestSource.objects.filter(pk=source.pk).update(**values)

    @property
    def schedule_changed(self) -> bool:
        return bool({"harvest_interval", "cron", "time_zone"} & set(self.changed_data))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.harvest_type
        field = self.fields.get("harvest_type")
        if field and self.instance._state.adding:
            self.initial["harvest_type"] = ""
            field.choices = [TO_BE_FOUND, *kinds()]
        elif field and kind not in SOURCES:  # registered, then its code left
            field.choices = [*kinds(), (kind, f"{kind} (not available)")]
        if not settings.CKAN_API and "ckan_harvest_url" in self.fields:
            self.fields["ckan_harvest_url"].help_text = NO_CKAN
        for name, value in site_defaults().items():
            if name in self.fields:
                self.fields[name].widget.attrs["placeholder"] = value
