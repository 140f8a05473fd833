"""What can go wrong with telling somebody."""


class NotificationError(Exception):
    """A message did not get through; the text tells staff why, and what to do.

    `permanent`: another try would end the same way. Caught by `deliveries`, which
    stores the text, and by what sends mails about accounts.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class UnusableError(NotificationError):
    """The server itself cannot be used: what else waits for it would fail as well."""
