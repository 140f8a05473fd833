"""Why CKAN could not be asked. Each message is a sentence for staff."""


class CkanError(Exception):
    """CKAN did not do what we asked; `following` and `checking` catch it.

    `status` is the HTTP status it answered with, 0 if it did not answer.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(CkanError):
    """No answer that CKAN gave: none at all, too late, or of another program."""


class Refused(CkanError):
    """CKAN knows us not, or well enough to say no."""


class Missing(CkanError):
    """CKAN has no such source, job or user."""


class Lacking(CkanError):
    """CKAN has no such action: an extension is missing."""


class Invalid(CkanError):
    """CKAN let us in and found what we sent invalid."""
