"""What we ask of CKAN, through ckanapi; what went wrong is a sentence."""

from typing import Any, Final, Self
from urllib.parse import urlsplit

import ckanapi
import requests
from ckanapi.errors import CKANAPIError, ServerIncompatibleError
from django.conf import settings

from harvests import conf
from harvests.ckan import names
from harvests.ckan.answers import Job, Report, Source
from harvests.ckan.connection import READ, BoundedSession, TooMuchError
from harvests.ckan.errors import (
    CkanError,
    Invalid,
    Lacking,
    Missing,
    Refused,
    Unreachable,
)

LONG: Final = 120  # seconds for a report: CKAN looks up each document of it
UNKNOWN: Final = (
    "CKAN has no harvest source “{}”: correct the CKAN source of the organization (or "
    "of the source), or make it in CKAN."
)
DELETED: Final = (
    "The harvest source “{}” was deleted in CKAN: make it anew there, or empty the "
    "CKAN source of the organization (or of the source)."
)
EXAMPLE: Final = "such as https://ckan.example.org/api/3"


class Client:
    """A conversation with CKAN. Every method raises CkanError."""

    def __init__(self) -> None:
        self._session = BoundedSession()
        self._ckan = ckanapi.RemoteCKAN(
            names.site(),
            apikey=settings.CKAN_API_KEY or None,
            user_agent=conf.user_agent(),
            session=self._session,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._ckan.close()

    def source(self, name: str) -> Source:
        """Return a harvest source and its last job; of a deleted one, raise Missing."""
        try:
            found = Source.of(self.call("harvest_source_show", id=name))
        except Missing as error:
            raise Missing(UNKNOWN.format(name), status=404) from error
        if not found.is_active:
            raise Missing(DELETED.format(name), status=404)
        return found

    def create_job(self, source_id: str) -> Job:
        """Have CKAN harvest. One job at a time: else it answers 500."""
        return Job.of(self.call("harvest_job_create", source_id=source_id))

    def report(self, job_id: str) -> Report:
        """Return what the job says of documents. The token must be a writer's."""
        return Report.of(self.call("harvest_job_report", seconds=LONG, id=job_id))

    def call(self, action: str, *, seconds: float = 0, **data: Any) -> Any:
        """Return what an action gives. Raises CkanError of the kind that fits."""
        self._session.seconds = seconds or READ
        try:
            return self._ckan.call_action(action, data)
        except requests.RequestException as error:
            raise Unreachable(_no_answer(error)) from error
        except UnicodeEncodeError as error:
            raise Refused("CKAN_API_KEY holds letters that no token has.") from error
        except ckanapi.NotAuthorized as error:
            raise _refused(action, error.extra_msg) from error
        except ckanapi.NotFound as error:
            message = f"CKAN knows nothing of what “{action}” was asked for."
            raise Missing(message, status=404) from error
        except ckanapi.ValidationError as error:
            message = f"CKAN finds “{action}” invalid: {_cut(error.error_dict)}."
            raise Invalid(message, status=409) from error
        except _NO_CKAN as error:
            raise self._odd(action) from error

    def _odd(self, action: str) -> CkanError:
        """Return what an answer means that is none of CKAN's API."""
        status, kind = self._session.status, self._session.content_type
        at = f"{_shown()} answers HTTP {status}"
        if status in {401, 403}:
            return Refused(
                f"{at}, and not as CKAN does: what stands before it keeps us out.",
                status=status,
            )
        if status == 400 and "json" in kind:
            message = f"CKAN has no action “{action}”: is harvest in its ckan.plugins?"
            return Lacking(message, status=status)
        return Unreachable(_told(at, status, kind, action), status=status)


_NO_CKAN: Final = (
    *(CKANAPIError, ServerIncompatibleError),
    *(AttributeError, KeyError, TypeError, RecursionError),  # ckanapi, on odd JSON
)


def _told(at: str, status: int, kind: str, action: str) -> str:
    if status == 500:
        busy = " It does so while a job runs." * (action == "harvest_job_create")
        return f"CKAN failed on “{action}” (HTTP 500): its log says why.{busy}"
    if status == 429 or status > 500:
        return f"{at}: CKAN is not available now."
    if 300 <= status < 400:
        return f"{at}, a redirect: set CKAN_API to the address that it leads to."
    if "json" in kind:
        return f"{at} with JSON that is not CKAN's: set CKAN_API to a CKAN, {EXAMPLE}."
    kind = kind.partition(";")[0] or "something"
    return (
        f"{at} with {_cut(kind)} in place of JSON: set CKAN_API to the address of "
        f"CKAN's API, {EXAMPLE}."
    )


def _refused(action: str, said: object) -> Refused:
    reason = said.get("message", "") if isinstance(said, dict) else said
    told = f" ({_cut(reason)})" if reason else ""
    return Refused(f"CKAN does not allow us “{action}”{told}.", status=403)


def _no_answer(error: requests.RequestException) -> str:
    if isinstance(error, TooMuchError):
        return f"{_shown()} was given up: {error}."
    if isinstance(error, requests.Timeout):
        return f"{_shown()} does not answer in time."
    reason = _cut(getattr(error, "args", ("",))[0])
    return f"{_shown()} cannot be reached: {reason}. Is CKAN_API right?"


def _shown() -> str:
    """The address, without a password that it may hold."""
    parts = urlsplit(names.site())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _cut(said: object) -> str:
    return " ".join(str(said).split())[:300]
