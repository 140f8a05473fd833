"""The schema that all in the bench validate with: the predecessor's, and ours."""

from importlib.util import find_spec
from pathlib import Path

from lxml import etree


def compiled() -> etree.XMLSchema:
    """Compile the NOAA set of ISO 19139 and 19115-2 that dataone.scimeta brings."""
    spec = find_spec("d1_scimeta")
    assert spec and spec.origin
    folder = Path(spec.origin).parent / "schema" / "isotc211-noaa"
    imports = "".join(
        f'<import namespace="http://www.isotc211.org/2005/{part}"'
        f' schemaLocation="{(folder / part / part).as_uri()}.xsd"/>'
        for part in ("gmi", "gmd", "gmx", "srv")
    )
    root = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(root))
