"""Completes the OpenAPI document: what every operation may answer, and its headers."""

from typing import Any, Final

from pydantic import BaseModel

from harvests.api.problems import MEDIA_TYPE
from harvests.api.shown import ProblemShown

REFERENCE: Final = "#/components/schemas/{model}"
EVERYWHERE: Final = {
    400: "The request cannot be understood.",
    401: "No token, or one that is not good.",
    403: "Not yours to do.",
    404: "There is nothing here.",
    422: "A value is not acceptable: `errors` names which.",
    429: "Too many requests: the header Retry-After says when to go on.",
}
WITH_BODY: Final = {
    411: "The size of the body is not told.",
    413: "The body is too large.",
    415: "The body is not JSON.",
}
CHANGING: Final = {
    409: "Something stands in the way, such as a running harvest.",
    412: "It changed since you saw it (If-Match): read it again.",
    503: "The queue is away: try again later.",
}
TAG: Final = {"description": "Names this state.", "schema": {"type": "string"}}
IF_NONE_MATCH: Final = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "An ETag: 304 while it is still that.",
}
IF_MATCH: Final = {
    **IF_NONE_MATCH,
    "name": "If-Match",
    "description": "An ETag: 412 if it is another by now.",
}


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation what django-ninja does not know of it."""
    _add_schema(schema, ProblemShown)
    for path in schema["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    return schema


def _add_schema(schema: dict[str, Any], model: type[BaseModel]) -> None:
    made = model.model_json_schema(ref_template=REFERENCE, mode="serialization")
    schema["components"]["schemas"][model.__name__] = made


def _complete(method: str, operation: dict[str, Any]) -> None:
    errors = dict(EVERYWHERE)
    if method == "get":
        operation["parameters"].append(IF_NONE_MATCH)
        operation["responses"][200]["headers"] = {"ETag": TAG}
        operation["responses"][304] = {"description": "It is still what you have."}
    else:
        errors |= WITH_BODY | CHANGING
    if method in ("patch", "delete"):
        operation["parameters"].append(IF_MATCH)
    for status, sentence in errors.items():
        operation["responses"][status] = _problem(sentence)


def _problem(sentence: str) -> dict[str, Any]:
    reference = {"$ref": REFERENCE.format(model=ProblemShown.__name__)}
    return {"description": sentence, "content": {MEDIA_TYPE: {"schema": reference}}}
