"""The namespaces of ISO 19139 records, their usual prefixes, and paths with them."""

from lxml.etree import _Element

GMD = "http://www.isotc211.org/2005/gmd"
GMI = "http://www.isotc211.org/2005/gmi"
GML = "http://www.opengis.net/gml/3.2"
GML_LEGACY = "http://www.opengis.net/gml"
SRV = "http://www.isotc211.org/2005/srv"

PREFIXES = {
    GMD: "gmd",
    GMI: "gmi",
    SRV: "srv",
    GML: "gml",
    GML_LEGACY: "gml",
    "http://www.isotc211.org/2005/gco": "gco",
    "http://www.isotc211.org/2005/gmx": "gmx",
    "http://www.isotc211.org/2005/gsr": "gsr",
    "http://www.isotc211.org/2005/gss": "gss",
    "http://www.isotc211.org/2005/gts": "gts",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/2001/XMLSchema": "xs",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "http://www.w3.org/XML/1998/namespace": "xml",
}


def split(tag: str) -> tuple[str, str]:
    """The namespace ("" if none) and the local name of a tag in Clark notation."""
    if not tag.startswith("{"):
        return "", tag
    uri, _, local = tag[1:].partition("}")
    return uri, local


def prefixed(tag: str) -> str:
    """`gmd:title` for `{http://www.isotc211.org/2005/gmd}title`.

    A name whose namespace has no usual prefix stays as it is.
    """
    uri, local = split(tag)
    return f"{PREFIXES[uri]}:{local}" if uri in PREFIXES else tag


def path_of(element: _Element) -> str:
    """The absolute XPath of an element, with the usual prefixes."""
    steps = [_step(element)]
    steps += [_step(ancestor) for ancestor in element.iterancestors()]
    return "/" + "/".join(reversed(steps))


def _step(element: _Element) -> str:
    name = prefixed(str(element.tag))
    if name.startswith("{"):
        name = f"*[local-name()='{split(name)[1]}']"
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = not before and next(element.itersiblings(element.tag), None) is None
    return name if alone else f"{name}[{before + 1}]"
