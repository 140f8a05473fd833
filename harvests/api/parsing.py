"""Bodies: JSON as its standard has it (RFC 8259), and nothing else."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from harvests.api.problems import Problem


class StrictJSON(Parser):
    """Says what is wrong with a body. Raises Problem."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            detail = (
                f"The body is {request.content_type or 'of no type'}: send JSON, with "
                "“Content-Type: application/json”."
            )
            raise Problem(415, detail, headers={"Accept": "application/json"})
        try:
            return whole(json.loads(request.body, parse_constant=_refuse))
        except RecursionError as error:
            raise Problem(400, "The JSON of the body is nested too deep.") from error
        except ValueError as error:
            raise Problem(400, f"The body is not JSON: {error}.") from error


def whole(found: Any) -> Any:
    """Return what JSON was read to. Raises ValueError if half a character is in it.

    JSON can name one (a surrogate such as \\ud800), but no database stores it.
    """
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("half a character (a lone surrogate) is no text") from error
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number in JSON")
