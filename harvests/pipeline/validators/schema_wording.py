"""Says in plain English what libxml2 says of a schema error."""

import re

from harvests.pipeline.reading.namespaces import prefixed
from harvests.pipeline.reading.quoting import quote

# Where it fits, so do Anchor and dozens of codes; this is what people want.
_TEXT = "gco:CharacterString"
_MOST_NAMES = 6

_SUBJECT = re.compile(r"Element '([^']+)'(?:, attribute '([^']+)')?: (.*)", re.DOTALL)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.")
_VALUE = re.compile(
    r"'(.*)' is not a valid value of the (?:local )?\w+ type(?: '([^']+)')?\.",
    re.DOTALL,
)
_ENUMERATION = re.compile(
    r"\[facet 'enumeration'\] The value '(.*)' is not an element of the set \{(.*)\}\.",
    re.DOTALL,
)
_PATTERN = re.compile(
    r"\[facet 'pattern'\] The value '(.*)' is not accepted by the pattern '(.*)'\.",
    re.DOTALL,
)
_CLARK = re.compile(r"\{[^{}\s']+\}[\w.-]+")
_TYPES = {
    "gco:Date_Type": "a date (YYYY, YYYY-MM or YYYY-MM-DD)",
    "gml:TimePositionUnion": "a date (YYYY-MM-DD) or a date and time",
    "xs:ID": "an id (it starts with a letter or _ and is unique)",
    "xs:NCName": "a name (it starts with a letter or _, without colon or blank)",
    "xs:anyURI": "a URL",
    "xs:boolean": "true or false",
    "xs:date": "a date (YYYY-MM-DD)",
    "xs:dateTime": "a date and time (YYYY-MM-DDThh:mm:ss)",
    "xs:decimal": "a decimal number",
    "xs:double": "a number",
    "xs:integer": "a whole number",
    "xs:nonNegativeInteger": "a whole number, 0 or more",
    "xs:positiveInteger": "a whole number, 1 or more",
}


def plain_message(message: str) -> str:
    """One or two sentences for the provider."""
    found = _SUBJECT.fullmatch(message)
    if not found:
        return _readable(message)
    element, attribute, problem = found.groups()
    subject = prefixed(element)
    if attribute:
        return _about_attribute(subject, prefixed(attribute), problem)
    return _about_structure(subject, problem) or _about_value(subject, problem)


def _about_attribute(subject: str, attribute: str, problem: str) -> str:
    if problem.endswith("is not allowed."):
        return f"{subject} must not have the attribute {attribute}."
    return _about_value(f"{subject}/@{attribute}", problem)


def _about_structure(subject: str, problem: str) -> str:
    expected = _expected(problem)
    if problem.startswith("This element is not expected."):
        return f"{subject} is not allowed here" + (
            f"; expected {expected}." if expected else "."
        )
    if problem.startswith("Missing child element(s)."):
        return f"{subject} is incomplete; it needs {expected}."
    if problem.startswith("Character content"):
        return f"{subject} contains bare text where only elements may stand."
    if problem.endswith("is required but missing."):
        name = prefixed(problem.split("'")[1])
        return f"{subject} lacks the attribute {name}."
    return ""


def _about_value(subject: str, problem: str) -> str:
    found = _ENUMERATION.fullmatch(problem)
    if found:
        choices = found[2].replace("'", "")
        return f"{subject} {_says(found[1])}, which is not one of {choices}."
    found = _PATTERN.fullmatch(problem)
    if found:
        return f"{subject} {_says(found[1])}, which does not match {found[2]}."
    found = _VALUE.fullmatch(problem)
    if found:
        wanted = _type_name(found[2]) if found[2] else "something else"
        return f"{subject} {_says(found[1])}; expected {wanted}."
    return f"{subject}: {_readable(problem)}"


def _expected(problem: str) -> str:
    found = _EXPECTED.search(problem)
    if not found:
        return ""
    names = [prefixed(name.strip()) for name in found[1].split(",")]
    if names[0] == _TEXT:
        return _TEXT
    more = len(names) - _MOST_NAMES
    if more > 1:
        return f"{', '.join(names[:_MOST_NAMES])} or one of {more} others"
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _says(value: str) -> str:
    return f"says {quote(value)}" if value.strip() else "is empty"


def _type_name(name: str) -> str:
    usual = prefixed(name)
    return _TYPES.get(usual, f"a value of the type {usual}")


def _readable(text: str) -> str:
    return _CLARK.sub(lambda found: prefixed(found[0]), text)
