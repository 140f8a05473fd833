"""What one would script with OWSLib: pages of 100, each record validated and written.

The predecessor's way, but for its worst habit: the schema is compiled once.
"""

import json
import os
import sys
import time
from pathlib import Path

from lxml import etree
from owslib.csw import CatalogueServiceWeb

from bench.schema import compiled

OUT = Path("out")
GMD = "http://www.isotc211.org/2005/gmd"


def harvest(url: str) -> int:
    schema = compiled()
    service = CatalogueServiceWeb(url, timeout=60)
    position = done = 0
    following = 1
    while following > position:
        position = following
        service.getrecords2(
            outputschema=GMD, esn="full", startposition=position, maxrecords=100
        )
        for identifier, record in service.records.items():
            schema.validate(etree.fromstring(record.xml))
            path = OUT / f"{identifier.replace('/', '_')}.xml"
            temporary = path.with_suffix(".tmp")
            temporary.write_bytes(record.xml)
            os.replace(temporary, path)
            done += 1
        following = int(service.results["nextrecord"])
    return done


def main() -> None:
    OUT.mkdir(exist_ok=True)
    start = time.perf_counter()
    done = harvest(sys.argv[1])
    print(json.dumps({"records": done, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
