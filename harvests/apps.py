from django.apps import AppConfig


class HarvestsConfig(AppConfig):
    name = "harvests"
    verbose_name = "Catalog Harvesting"

    def ready(self) -> None:
        from harvests import checks  # noqa: F401 - registers the system checks
