"""What every channel is."""

from abc import ABC, abstractmethod
from typing import Self

from harvests.models import Delivery


class Channel(ABC):
    """Carries deliveries; used in a `with`, which closes what it keeps open."""

    @abstractmethod
    def notify(self, delivery: Delivery) -> None:
        """Tell the receiver, now. Raises NotificationError."""

    def server_of(self, delivery: Delivery) -> str:
        """Return what is the same for deliveries that one server takes."""
        return ""

    def close(self) -> None:  # noqa: B027 - most keep nothing open
        """Close what `notify` kept open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
