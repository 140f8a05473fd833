"""Who owns sources."""

from django.db import models

from harvests.models.fields import (
    CKAN_SOURCE,
    FOLDER_NAME,
    NO_CONTROL,
    SITE_URL,
    key_field,
    validate_bytes,
)


class Organization(models.Model):
    """Owns sources; its name is the name of its folder in the store."""

    id = key_field()
    name = models.CharField(
        max_length=100,
        unique=True,
        validators=[FOLDER_NAME, NO_CONTROL, validate_bytes],
    )
    description = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True, validators=[SITE_URL])
    logo_url = models.CharField(max_length=500, blank=True, validators=[SITE_URL])
    ckan_harvest_url = models.CharField(
        max_length=500, blank=True, validators=[CKAN_SOURCE], verbose_name="CKAN source"
    )

    class Meta:
        db_table = "Organizations"
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="organization_name")]

    def __str__(self) -> str:
        return self.name
