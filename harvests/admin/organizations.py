"""Organizations: who owns sources, and a folder in the central WAF."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from harvests.admin.base import CheapList, list_url
from harvests.forms import OrganizationForm
from harvests.models import HarvestSource, Organization
from harvests.templatetags.harvesting import isolated, weblink


@admin.register(Organization)
class OrganizationAdmin(CheapList):
    form = OrganizationForm
    fields = OrganizationForm.Meta.fields  # in this order, also what is read only
    change_form_show_cancel_button = True
    list_display = ("title", "sources", "records", "site", "ckan", "folder")
    search_fields = ("name", "description")
    search_help_text = "Name or description"
    ordering = ("name",)
    empty_text = "No organization is registered yet."

    def attach(self, rows: Iterable[Organization]) -> None:
        names = [organization.name for organization in rows]
        sources = HarvestSource.objects.filter(organization__in=names).order_by()
        grouped = sources.values("organization_id").annotate(
            number=Count("pk"), records=Sum("last_record_count")
        )
        totals = {group["organization_id"]: group for group in grouped}
        for organization in rows:
            organization.totals = totals.get(organization.name, {})

    def get_readonly_fields(
        self, request: HttpRequest, obj: Organization | None = None
    ) -> tuple[str, ...]:
        return ("name",) if obj else ()

    @display(description="Organization", ordering="name")
    def title(self, organization: Organization) -> str:
        return isolated(organization.name, 80)

    @display(description="Sources")
    def sources(self, organization: Organization) -> str:
        url = list_url("harvestsource", organization=organization.name)
        number = organization.totals.get("number", 0)
        return format_html('<a class="ch-link" href="{}">{}</a>', url, f"{number:,}")

    @display(description="Records")
    def records(self, organization: Organization) -> str:
        url = list_url("harvestrecord", organization=organization.name)
        number = organization.totals.get("records", 0)
        return format_html('<a class="ch-link" href="{}">{}</a>', url, f"{number:,}")

    @display(description="Web site")
    def site(self, organization: Organization) -> str:
        return weblink(organization.url, "site")

    @display(description="CKAN")
    def ckan(self, organization: Organization) -> str:
        return weblink(organization.ckan_harvest_url, "harvest source")

    @display(description="Central WAF")
    def folder(self, organization: Organization) -> str:
        url = reverse("waf-folder", args=[organization.name])
        return format_html('<a class="ch-link" href="{}">folder</a>', url)
