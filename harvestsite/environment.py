"""Reads environment variables; a wrong value becomes a problem, not a traceback.

`settings` reads through one `Environment`; `harvests.checks` shows its problems as
system check errors, so a site with a wrong value says so when it starts.
"""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import environ

T = TypeVar("T")
WORDS = {"true": True, "1": True, "yes": True, "on": True}
WORDS |= {"false": False, "0": False, "no": False, "off": False, "": False}

HOST = r"\*|\.?\w[\w.-]*|\[[\da-fA-F:.]+\]"  # * for all, .x.org for those below


@dataclass(frozen=True, slots=True)
class Problem:
    """A variable whose value cannot be used. `check_id` is that of the system check."""

    check_id: str
    variable: str
    message: str
    hint: str


class Environment:
    """Typed access to the environment; `variables` lists every name asked for."""

    def __init__(self) -> None:
        self._env = environ.Env()
        self.problems: list[Problem] = []
        self.variables: dict[str, str] = {}

    def text(self, name: str, default: str = "") -> str:
        self.variables[name] = default
        return str(self._env.str(name, default=default)).strip()

    def problem(self, check_id: str, name: str, message: str, hint: str) -> None:
        shown = f"{name} is {self.text(name, self.variables.get(name, ''))!r}"
        problem = Problem(f"harvests.{check_id}", name, f"{shown}: {message}.", hint)
        self.problems.append(problem)

    def _read(
        self, name: str, default: T, convert: Callable[[str], T], wrong: tuple[str, str]
    ) -> T:
        value = self.text(name, "" if default is None else str(default))
        if not value and name not in self._env.ENVIRON:
            return default
        try:
            return convert(value)
        except (ValueError, KeyError) as error:
            detail = str(error) if wrong[1] == "" else wrong[1]
            self.problem(wrong[0], name, detail, f"Correct {name}, or unset it.")
            return default

    def integer(self, name: str, default: int, *, least: int = 0) -> int:
        def convert(value: str) -> int:
            number = int(value or default)
            if number < least:
                raise ValueError
            return number

        wrong = ("E001", f"expected a whole number, {least} or more")
        return self._read(name, default, convert, wrong)

    def port(self, name: str, default: int) -> int:
        def convert(value: str) -> int:
            number = int(value or default)
            if not 1 <= number <= 65535:
                raise ValueError
            return number

        return self._read(
            name, default, convert, ("E001", "expected a whole number from 1 to 65535")
        )

    def number(self, name: str, default: float, *, least: float = 0) -> float:
        def convert(value: str) -> float:
            number = float(value or default)
            if not least <= number < float("inf"):
                raise ValueError
            return number

        return self._read(
            name, default, convert, ("E001", f"expected a number, {least} or more")
        )

    def flag(self, name: str, default: bool) -> bool:
        wrong = ("E002", "expected true or false")
        return self._read(name, default, lambda value: WORDS[value.lower()], wrong)

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
        def convert(value: str) -> str:
            parts = urlsplit(value)
            _ = parts.port  # raises ValueError where it is not a number
            place = parts.path if parts.scheme == "unix" else parts.netloc
            if value and (parts.scheme not in schemes or not place):
                raise ValueError
            return value

        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        wrong = ("E003", f"expected a URL that starts with {starts}")
        return self._read(name, default, convert, wrong)

    def cron(self, name: str, default: str = "") -> str:
        def convert(value: str) -> str:
            if value:
                from croniter import croniter  # takes 20 ms to load

                if not croniter.is_valid(value):
                    raise ValueError
            return value

        wrong = ("E004", "expected a cron expression such as '0 3 * * *'")
        return self._read(name, default, convert, wrong)

    def time_zone(self, name: str, default: str = "UTC") -> str:
        def convert(value: str) -> str:
            if value not in zoneinfo.available_timezones():
                raise ValueError
            return value

        wrong = ("E005", "expected an IANA time zone such as Europe/Paris")
        return self._read(name, default, convert, wrong)

    def networks(self, name: str) -> tuple[str, ...]:
        def convert(value: str) -> tuple[str, ...]:
            return tuple(str(ipaddress.ip_network(part)) for part in _split(value))

        wrong = ("E006", "expected networks such as 10.0.0.0/8, separated by commas")
        value: tuple[str, ...] = ()
        return self._read(name, value, convert, wrong) if self.text(name) else value

    def names(self, name: str, default: str = "") -> list[str]:
        return _split(self.text(name, default))

    def hosts(self, name: str, default: str) -> list[str]:
        given = self.names(name, default)
        if not all(re.fullmatch(HOST, host) for host in given):
            expected = "expected names such as catalog.example.org or .example.org"
            hint = f"Leave out http:// and the port in {name}."
            self.problem("E007", name, expected, hint)
        return given

    def matching(self, name: str, default: str, pattern: str, expected: str) -> str:
        def convert(value: str) -> str:
            if value and not re.fullmatch(pattern, value):
                raise ValueError
            return value

        return self._read(name, default, convert, ("E007", f"expected {expected}"))


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
