"""What an address would yield: detection and preview, with the settings' policy.

Changes neither store nor rows. Called by the site and by `manage.py preview`.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from django.db import DatabaseError

from harvests import conf, duplicates
from harvests.ledger import SourceMemory
from harvests.models import HarvestSource, SourceAccess
from harvests.pipeline.detection import Detection, detect
from harvests.pipeline.errors import DetectionError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.masking import Mask
from harvests.pipeline.pasted import repair
from harvests.pipeline.preview import SECONDS, Preview, preview
from harvests.pipeline.rivals import Rival
from harvests.pipeline.store import Folder
from harvests.pipeline.types import FetchPolicy, Plan

FOR_DETECTION = 0.5  # of the time, at most; what it leaves is the preview's
ONE_REQUEST = 0.6  # of that


def preview_url(
    pasted: str,
    *,
    kind: str = "",
    source: HarvestSource | None = None,
    access: SourceAccess | None = None,
    anew: bool = False,
    seconds: float = SECONDS,
) -> Preview:
    """Return what would be harvested from an address, in at most about `seconds`.

    Without a `kind` it is detected, unless the address is that of `source` and not to
    be looked at `anew`. With a source, saved or not, its access (or that one in its
    place), patterns and profile apply, and the preview tells what would change.
    Raises HarvestError; DetectionError tells what was tried.
    """
    started = time.monotonic()
    policy = conf.fetch_policy(source, access)
    if source is not None and not (kind or anew) and pasted in {"", source.url}:
        pasted, kind = source.url, source.harvest_type
    found = None
    url = repair(pasted).url
    if not kind:
        found = detect_url(pasted, policy, seconds=seconds * FOR_DETECTION)
        kind, url = found.kind, found.url
    plan = _plan(source, kind=kind, url=url)
    left = seconds - (time.monotonic() - started)
    return replace(_preview(plan, policy, source, left), detection=found)


def detect_url(
    pasted: str, policy: FetchPolicy | None = None, *, seconds: float = SECONDS
) -> Detection:
    """Return what an address leads to. Raises DetectionError.

    No request is repeated or may take most of the time.
    """
    policy = policy or conf.fetch_policy()
    stop = threading.Event()
    fetcher = Fetcher(_impatient(policy, seconds * ONE_REQUEST), stop=stop)
    mask = Mask(policy.access)
    try:
        found = detect(pasted, fetcher, stop=stop, seconds=seconds)
        return replace(
            found, reason=mask.text(found.reason), tried=mask.pairs(found.tried)
        )
    except DetectionError as error:
        error.tried = mask.pairs(error.tried)
        raise mask.error(error) from None
    finally:
        fetcher.close()


def _plan(source: HarvestSource | None, *, kind: str, url: str) -> Plan:
    """Return the plan of a harvest from `url`, as `source` would have it."""
    if source is None:
        return Plan(kind=kind, url=url, limits=conf.gather_limits())
    return replace(conf.plan_of(source), kind=kind, url=url)


def _preview(
    plan: Plan, policy: FetchPolicy, source: HarvestSource | None, seconds: float
) -> Preview:
    stop = threading.Event()
    rivals = partial(_rivals, url=plan.url, source=source)
    fetcher = Fetcher(replace(policy, retries=min(1, policy.retries)), stop=stop)
    try:
        if source is None:
            return preview(plan, fetcher, stop=stop, rivals=rivals, seconds=seconds)
        memory = SourceMemory(source)
        return preview(
            plan,
            fetcher,
            memory,
            _published(source),
            stop=stop,
            names=memory.foretell,
            rivals=rivals,
            seconds=seconds,
        )
    finally:
        fetcher.close()


def _rivals(
    wanted: Mapping[str, str], url: str, source: HarvestSource | None
) -> Mapping[str, Rival]:
    """Return what else has these identifiers; without a database, nothing is known.

    Who looks at the address of a source looks at its records, named or not.
    """
    try:
        owner = HarvestSource.objects.filter(url=url).first() or source
        return duplicates.rivals(wanted, owner.pk if owner else "")
    except DatabaseError:
        return {}


def _published(source: HarvestSource) -> Folder | None:
    """Return the folder with what is published, if there is one: none is made."""
    store = conf.store()
    name = source.organization_id or ""
    is_there = bool(name) and (store.root / name).is_dir()
    return store.folder(name) if is_there else None


def _impatient(policy: FetchPolicy, seconds: float) -> FetchPolicy:
    return replace(
        policy,
        retries=0,
        connect_timeout=min(policy.connect_timeout, seconds),
        total_timeout=min(policy.total_timeout, seconds),
    )
