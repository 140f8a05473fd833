"""Builds requests for records, by GET and by POST, for CSW 2.0.2 and 3.0.0."""

from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from harvests.pipeline.sources.csw_cql import (
    NotUnderstood,
    bbox,
    property_name,
    translated,
)
from harvests.pipeline.sources.csw_urls import GMD, asking
from harvests.pipeline.types import Box, Selection

CSW: Final = "http://www.opengis.net/cat/csw/2.0.2"
CSW3: Final = "http://www.opengis.net/cat/csw/3.0"
OGC: Final = "http://www.opengis.net/ogc"
FES: Final = "http://www.opengis.net/fes/2.0"
GML: Final = "http://www.opengis.net/gml"
GML32: Final = "http://www.opengis.net/gml/3.2"
APISO: Final = "http://www.opengis.net/cat/csw/apiso/1.0"
_PREFIXES: Final = {
    "gmd": GMD,
    "apiso": APISO,
    "dc": "http://purl.org/dc/elements/1.1/",
    "ows": "http://www.opengis.net/ows",
}
ISO_TYPE: Final = "gmd:MD_Metadata"
RECORD_TYPE: Final = "csw:Record"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, page after page. `endpoint` takes it by POST if `post`."""

    endpoint: str
    post: bool = True
    version: str = "2.0.2"
    type_name: str = ISO_TYPE
    schema: str = GMD
    detail: str = "full"
    is_sorted: bool = True
    as_filter: bool = False
    selection: Selection = field(default_factory=Selection)

    @property
    def is_new(self) -> bool:
        return self.version.startswith("3")

    @property
    def csw(self) -> str:
        return CSW3 if self.is_new else CSW

    def request(self, start: int, size: int) -> tuple[str, bytes]:
        """Return the address and, for a POST, the document of one page's request."""
        if self.post:
            return self.endpoint, _document(self, start, size)
        return asking(self.endpoint, _pairs(self, start, size)), b""

    @property
    def _family(self) -> str:
        return "apiso" if self.type_name == ISO_TYPE else "dc"

    @property
    def sort_name(self) -> str:
        return "apiso:Identifier" if self._family == "apiso" else "dc:identifier"

    @property
    def box_name(self) -> str:
        family = "apiso" if self._family == "apiso" else "ows"
        return f"{family}:BoundingBox"

    def constraint(self) -> tuple[str, str]:
        """Return the language, CQL_TEXT or FILTER, and the expression; "" if none."""
        cql, box = self.selection.cql.strip(), self.selection.box
        if self.as_filter:
            return "FILTER", self._filter(cql, box)
        if not cql or box is None:
            return "CQL_TEXT", cql
        corners = f"{box.west}, {box.south}, {box.east}, {box.north}"
        return "CQL_TEXT", f"({cql}) AND BBOX({self.box_name}, {corners})"

    def _filter(self, cql: str, box: Box | None) -> str:
        """Return the inside of a filter, whose corners are longitude and latitude.

        Neither pycsw nor GeoNetwork turns them round where no CRS is named.
        """
        parts = [translated(cql, is_new=self.is_new)] if cql else []
        if box is not None:
            name = property_name(self.box_name, is_new=self.is_new)
            parts.append(bbox(name, box.west, box.south, box.east, box.north))
        inner = "".join(parts)
        return f"<ogc:And>{inner}</ogc:And>" if len(parts) > 1 else inner


def forms(selection: Selection) -> tuple[bool, ...]:
    """Return the values of `as_filter` to try for the selection, the likeliest first.

    All services take filters. Fewer know CQL, and pycsw, which does, misreads what
    joins AND and OR (it splits at the first kind it finds); few take a box in it.
    """
    if not selection.cql.strip():
        return (selection.box is not None,)
    try:
        translated(selection.cql)
    except NotUnderstood:
        return (False,)
    return (True, False)


def _pairs(query: Query, start: int, size: int) -> tuple[tuple[str, str], ...]:
    names = f"xmlns(csw={query.csw}),xmlns(gmd={GMD})"
    pairs = [
        ("service", "CSW"),
        ("version", query.version),
        ("request", "GetRecords"),
        ("namespace", names),
        ("typeNames", query.type_name),
        ("outputSchema", query.schema),
        ("elementSetName", query.detail),
        ("startPosition", str(start)),
        ("maxRecords", str(size)),
    ]
    if not query.is_new:
        pairs.append(("resultType", "results"))
    if query.is_sorted:
        pairs.append(("sortBy", f"{query.sort_name}:A"))
    return (*pairs, *_constraint_pairs(query))


def _constraint_pairs(query: Query) -> tuple[tuple[str, str], ...]:
    language, constraint = query.constraint()
    if not constraint:
        return ()
    if language == "FILTER":
        constraint = f"<ogc:Filter{_names(query)}>{constraint}</ogc:Filter>"
    return (
        ("constraintLanguage", language),
        ("constraint_language_version", "1.1.0"),
        ("constraint", constraint),
    )


def _document(query: Query, start: int, size: int) -> bytes:
    result_type = "" if query.is_new else ' resultType="results"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<csw:GetRecords{_names(query)}'
        f' service="CSW" version="{query.version}"{result_type}'
        f' outputSchema="{query.schema}"'
        f' startPosition="{start}" maxRecords="{size}">'
        f'<csw:Query typeNames="{query.type_name}">'
        f"<csw:ElementSetName>{query.detail}</csw:ElementSetName>"
        f"{_constraint(query)}{_sort(query)}</csw:Query></csw:GetRecords>"
    ).encode()


def _names(query: Query) -> str:
    """Return the declarations of all prefixes that a request may use."""
    language, gml = (FES, GML32) if query.is_new else (OGC, GML)
    scope = {"csw": query.csw, "ogc": language, "gml": gml, **_PREFIXES}
    return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in scope.items())


def _constraint(query: Query) -> str:
    language, constraint = query.constraint()
    if not constraint:
        return ""
    if language == "FILTER":
        inner = f"<ogc:Filter>{constraint}</ogc:Filter>"
    else:
        inner = f"<csw:CqlText>{escape(constraint)}</csw:CqlText>"
    return f'<csw:Constraint version="1.1.0">{inner}</csw:Constraint>'


def _sort(query: Query) -> str:
    if not query.is_sorted:
        return ""
    name = property_name(query.sort_name, is_new=query.is_new)
    return (
        f"<ogc:SortBy><ogc:SortProperty>{name}"
        "<ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>"
    )
