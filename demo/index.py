"""The page for people: what each source shows and what a harvester should do."""

from collections.abc import Mapping
from html import escape

from demo.sources import Source

STYLE = """body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}dt{font-weight:600;margin-top:1rem}dd{margin:0}form{display:inline}"""


def index(sources: Mapping[str, Source]) -> bytes:
    items = "".join(_item(name, source) for name, source in sources.items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Demo provider</title><style>{STYLE}</style></head>
<body>
<h1>Demo provider</h1>
<p>Sources to try the harvester on. Register the address of one as a WAF source.</p>
<dl>
{items}</dl>
</body>
</html>
""".encode()


def _item(name: str, source: Source) -> str:
    buttons = "".join(
        f'<form method="post" action="/{name}/{action}">'
        f"<button>{action.capitalize()}</button></form> "
        for action in source.actions
    )
    return (
        f'<dt><a href="/{name}/">/{name}/</a></dt>\n'
        f"<dd>{escape(source.sentence())} {buttons}</dd>\n"
    )
