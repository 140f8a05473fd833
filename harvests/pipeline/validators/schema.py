"""Validates against the XML schemas of ISO 19139 and 19115-2, as NOAA publishes them.

They come with the package dataone.scimeta. Accepts what they reject but practice
allows: GML 3.2.0, and OGC's order of coupledResource and couplingType.
"""

import copy
import threading
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import cast

from lxml import etree

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.namespaces import GML, SRV
from harvests.pipeline.types import Finding
from harvests.pipeline.validators import schema_stream
from harvests.pipeline.validators.places import warning_at
from harvests.pipeline.validators.schema_findings import LogEntry, findings_of

_PARTS = ("gmi", "gmd", "gmx", "srv")
_SERVICE = f"{{{SRV}}}SV_ServiceIdentification"
_COUPLING_TYPE = f"{{{SRV}}}couplingType"
_COUPLED_RESOURCE = f"{{{SRV}}}coupledResource"
_LEGACY_GML = (
    "The record uses GML 3.2.0 (http://www.opengis.net/gml), which ISO 19139 has "
    "replaced; it was validated as GML 3.2.1. Declare xmlns:gml as "
    "http://www.opengis.net/gml/3.2."
)


class _Local(threading.local):
    """One schema per thread: one shared by two would mix up their findings."""

    schema: etree.XMLSchema | None = None


_local = _Local()
_compiling = threading.Lock()


def prepare() -> None:
    """Compile this thread's schema. Call it once at start-up, in the main thread.

    If several threads make the first one together, libxml2 can stay broken.
    """
    if _local.schema is None:
        with _compiling:
            _local.schema = _compile()


def validate(document: Document) -> tuple[Finding, ...]:
    """Every schema error with its line, in plain words."""
    root = document.root
    legacy = _legacy_gml(root) if document.has_legacy_gml else ()
    if many := schema_stream.findings(document.parsed, _schema()):
        return (*legacy, *many)
    errors = raw_errors(root)
    if any(_COUPLED_RESOURCE in error.message for error in errors):
        root = _in_noaa_order(root)
        errors = raw_errors(root)
    return (*legacy, *findings_of(errors, root)) if errors else legacy


def raw_errors(root: etree._Element) -> list[LogEntry]:
    """What libxml2 says, error by error."""
    schema = _schema()
    if schema.validate(root):
        return []
    return list(cast("Iterable[LogEntry]", schema.error_log))


def _schema() -> etree.XMLSchema:
    prepare()
    assert _local.schema is not None
    return _local.schema


def _compile() -> etree.XMLSchema:
    spec = find_spec("d1_scimeta")
    assert spec and spec.origin, "the package dataone.scimeta is not installed"
    folder = Path(spec.origin).parent / "schema" / "isotc211-noaa"
    imports = "".join(
        f'<import namespace="http://www.isotc211.org/2005/{part}"'
        f' schemaLocation="{(folder / part / part).as_uri()}.xsd"/>'
        for part in _PARTS
    )
    schema = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(schema))


def _legacy_gml(root: etree._Element) -> tuple[Finding, ...]:
    element = next(root.iter(f"{{{GML}}}*"), None)
    return () if element is None else (warning_at(element, "gml-legacy", _LEGACY_GML),)


def _in_noaa_order(root: etree._Element) -> etree._Element:
    """A copy with couplingType before coupledResource, where OGC's order is kept.

    Another order stays, and stays an error. Copies keep their line numbers.
    """
    root = copy.deepcopy(root)
    for service in root.iter(_SERVICE):
        for coupling in service.iterchildren(_COUPLING_TYPE):
            before = coupling.itersiblings(preceding=True)
            resources = list(takewhile(_is_coupled_resource, before))
            if resources:
                resources[-1].addprevious(coupling)
    return root


def _is_coupled_resource(element: etree._Element) -> bool:
    return element.tag == _COUPLED_RESOURCE
