"""Builds requests for records, by GET and by POST, for CSW 2.0.2 and 3.0.0."""

from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

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

    def cql(self) -> str:
        """Return the constraint as CQL, which a box joins if there is an expression."""
        cql, box = self.selection.cql.strip(), self.selection.box
        if not cql or box is None:
            return cql
        corners = f"{box.west}, {box.south}, {box.east}, {box.north}"
        return f"({cql}) AND BBOX({self.box_name}, {corners})"


def _pairs(query: Query, start: int, size: int) -> tuple[tuple[str, str], ...]:
    names = f"xmlns(csw={query.csw}),xmlns(gmd={GMD})"
    pairs = [
        ("service", "CSW"),
        ("version", query.version),
        ("request", "GetRecords"),
        ("namespace", names),
        ("resultType", "results"),
        ("typeNames", query.type_name),
        ("outputSchema", query.schema),
        ("outputFormat", "application/xml"),
        ("elementSetName", query.detail),
        ("startPosition", str(start)),
        ("maxRecords", str(size)),
    ]
    if query.is_sorted:
        pairs.append(("sortBy", f"{query.sort_name}:A"))
    return (*pairs, *_constraint_pairs(query))


def _constraint_pairs(query: Query) -> tuple[tuple[str, str], ...]:
    if cql := query.cql():
        language, constraint = "CQL_TEXT", cql
    elif query.selection.box is not None:
        language = "FILTER"
        constraint = _filter(query, query.selection.box, names=_names(query))
    else:
        return ()
    return (
        ("constraintLanguage", language),
        ("constraint_language_version", "1.1.0"),
        ("constraint", constraint),
    )


def _document(query: Query, start: int, size: int) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<csw:GetRecords{_names(query)}'
        f' service="CSW" version="{query.version}" resultType="results"'
        f' outputSchema="{query.schema}" outputFormat="application/xml"'
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
    if cql := query.cql():
        inner = f"<csw:CqlText>{escape(cql)}</csw:CqlText>"
    elif query.selection.box is not None:
        inner = _filter(query, query.selection.box)
    else:
        return ""
    return f'<csw:Constraint version="1.1.0">{inner}</csw:Constraint>'


def _filter(query: Query, box: Box, *, names: str = "") -> str:
    """Return a filter whose corners are longitude and latitude, in that order.

    Neither pycsw nor GeoNetwork turns them round where no CRS is named.
    """
    return (
        f"<ogc:Filter{names}><ogc:BBOX>{_property(query, query.box_name)}"
        f"<gml:Envelope><gml:lowerCorner>{box.west} {box.south}</gml:lowerCorner>"
        f"<gml:upperCorner>{box.east} {box.north}</gml:upperCorner></gml:Envelope>"
        "</ogc:BBOX></ogc:Filter>"
    )


def _sort(query: Query) -> str:
    if not query.is_sorted:
        return ""
    return (
        f"<ogc:SortBy><ogc:SortProperty>{_property(query, query.sort_name)}"
        "<ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>"
    )


def _property(query: Query, name: str) -> str:
    element = "ValueReference" if query.is_new else "PropertyName"
    return f"<ogc:{element}>{name}</ogc:{element}>"
