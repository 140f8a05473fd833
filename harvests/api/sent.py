"""What the API takes: the schemas of bodies. What is not named here is refused.

Types are strict: a number is no text, and neither NaN nor infinity is a number. What
a value must be like is for the site's form to say, the same for all.
"""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

SECRETS: Final = ("password", "token", "headers", "proxy_password")


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def given(self) -> dict[str, Any]:
        """Return what was sent, without what was left out."""
        return self.model_dump(exclude_unset=True)


class AccessSent(Sent):
    """How the source lets us in. What is left out stays as it is.

    Secrets are write-only; `forget` names those to be deleted.
    """

    username: str = ""
    password: str = Field("", json_schema_extra={"writeOnly": True})
    token: str = Field("", json_schema_extra={"writeOnly": True})
    headers: str = Field(
        "",
        description="Lines of “Name: value”.",
        json_schema_extra={"writeOnly": True},
    )
    proxy: str = ""
    proxy_password: str = Field("", json_schema_extra={"writeOnly": True})
    verify_tls: bool = True
    ca_certificates: str = ""
    forget: list[str] = Field([], description=f"Of {', '.join(SECRETS)}.")


class SourceChange(Sent):
    """What to change of a source; what is left out stays as it is."""

    name: str = ""
    url: str = Field("", description="Of the folder or service to harvest.")
    organization: str = Field("", description="Its name: one of yours.")
    harvest_type: str = Field("", description="WAF, ERDDAP-WAF, THREDDS, CSW …")
    publish: bool = Field(
        False, description="On schedule; publishing a source harvests it at once."
    )
    harvest_contact: str = Field("", description="E-mail address.")
    harvest_interval: float = Field(1, description="Days between harvests.")
    cron: str = Field("", description="In place of the interval.")
    time_zone: str = "UTC"
    include: str = Field("", description="One pattern a line; empty: all records.")
    exclude: str = ""
    cql: str = Field("", description="CSW only.")
    bbox: str = Field("", description="CSW only: west,south,east,north.")
    connections: int | None = Field(None, description="Null: as the site has it.")
    delay: float = 0
    timeout: float | None = None
    idle_timeout: float | None = None
    robots: bool = False
    user_agent: str = ""
    check_schema: bool = True
    check_rules: bool = True
    publish_with_errors: bool = True
    max_depth: int = 2
    removal_limit: int = Field(20, description="Percent that may go in one harvest.")
    access: AccessSent = AccessSent()


class SourceNew(SourceChange):
    """A source to register."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    organization: Annotated[str, Field(min_length=1, max_length=100)]
    harvest_type: Annotated[str, Field(min_length=1, max_length=20)]


class HarvestWish(Sent):
    """How to harvest; an empty object, or no body, is a usual harvest."""

    force: bool = Field(False, description="Read unchanged documents again.")
    allow_removals: bool = Field(False, description="Let go what is held.")


class PreviewWish(Sent):
    """An address to look at."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    harvest_type: str = Field("", description="Empty: it is found out.")
