"""Quotes what a document says, short enough for a sentence."""

LONGEST = 100


def quote(text: str) -> str:
    """The text on one line, in double quotes, cut where it gets long."""
    line = " ".join(text[: 4 * LONGEST].split())
    is_long = len(line) > LONGEST or len(text) > 4 * LONGEST
    return f'"{line[:LONGEST]}…"' if is_long else f'"{line}"'
