"""Organizations, sources, jobs, records and what jobs did to records.

On MongoDB the collections and fields are those the predecessor's registry reads
(`db_table`, `db_column`); our own fields stand beside them. Models own their state
changes, by conditional updates.
"""

from harvests.models.access import AccessError, Secrets, SourceAccess
from harvests.models.accounts import Account, Attempt, Membership
from harvests.models.causes import Cause, cause_id
from harvests.models.ckan import CkanComplaint, CkanSource
from harvests.models.fields import NO_PASSWORD, WEB_URL, new_key
from harvests.models.jobs import (
    ACTIVE,
    COUNTERS,
    HarvestJob,
    HarvestOutcome,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.models.notifications import (
    ACCOUNT,
    HOOK,
    MAIL,
    Delivery,
    DeliveryState,
    Event,
    EventKind,
    HookSecretError,
    MutedAddress,
    NotificationChoice,
    WebHook,
)
from harvests.models.organizations import Organization
from harvests.models.records import HarvestRecord, PublishedName, TrashedRecord
from harvests.models.sources import HarvestSource
from harvests.models.tokens import ApiToken, TokenKind, TokenScope

__all__ = [
    "ACCOUNT",
    "ACTIVE",
    "COUNTERS",
    "HOOK",
    "MAIL",
    "NO_PASSWORD",
    "WEB_URL",
    "AccessError",
    "Account",
    "ApiToken",
    "Attempt",
    "Cause",
    "CkanComplaint",
    "CkanSource",
    "Delivery",
    "DeliveryState",
    "Event",
    "EventKind",
    "HarvestJob",
    "HarvestOutcome",
    "HarvestRecord",
    "HarvestSource",
    "HookSecretError",
    "JobAlreadyActiveError",
    "JobStatus",
    "Membership",
    "MutedAddress",
    "NotificationChoice",
    "Organization",
    "PublishedName",
    "Secrets",
    "SourceAccess",
    "TokenKind",
    "TokenScope",
    "TrashedRecord",
    "WebHook",
    "cause_id",
    "new_key",
]
