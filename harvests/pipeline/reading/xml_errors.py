"""Says in plain English what the XML parser found broken."""

import re

_REASONS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"Premature end of data in tag (\S+) line (\d+)",
            r"it ends before <\1> (line \2) is closed, so it was probably cut short",
        ),
        (
            r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)",
            r"<\1> (line \2) is closed by </\3>",
        ),
        (
            r"Namespace prefix (\S+) (?:for (\S+) )?on (\S+) is not defined",
            r"<\3> uses the prefix \1, but no xmlns:\1 declares it",
        ),
        (r"Entity '(\S+)' not defined", r"&\1; is unknown in XML; write the character"),
        (
            r"xmlParseEntityRef: no name|EntityRef: expecting ';'",
            "an & stands alone; write &amp;",
        ),
        (r"StartTag: invalid.*", "a < stands alone; write &lt;"),
        (r"Start tag expected.*", "it has no root element"),
        (r"Extra content at the end.*", "text follows the end of the root element"),
        (
            r"XML declaration allowed only.*",
            "an XML declaration (<?xml ...?>) stands where none is allowed",
        ),
        (r"Attribute (\S+) redefined", r"the attribute \1 occurs twice"),
        (r"AttValue: .* expected", "an attribute value has no quotes"),
        (r"Unescaped '<' .*", "an attribute value contains <; write &lt;"),
        (r"Specification mandates value.* (\S+)", r"the attribute \1 has no value"),
        (r"Couldn't find end of Start Tag (\S+).*", r"the tag <\1 is not closed by >"),
        (r"Double hyphen within comment.*", "a comment contains --"),
        (r"Excessive depth.*", "elements are nested deeper than 256 levels"),
        (
            r"Resource limit exceeded.*|.*[Hh]uge.*",
            "one text or tag is larger than 10 MB",
        ),
        (r"Maximum entity ampl.*", "its entities grow too much; write what they say"),
        (r".*(?:Char value|[Cc]har 0x).*", "it refers to a character that XML forbids"),
    )
)
_PLACE = re.compile(r", line \d+, column \d+\s*$")


def plain_reason(message: str) -> str:
    """The parser's message in plain words; as it is where we know no better."""
    message = " ".join(_PLACE.sub("", message).split())
    for pattern, reason in _REASONS:
        found = pattern.fullmatch(message)
        if found:
            return found.expand(reason)
    return message.rstrip(".")
