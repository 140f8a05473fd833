"""What ckanext-spatial finds in folders; run by the Python of CKAN's environment.

It reads answers as the harvester does: `str` of bytes, and dates if the server's name
lets it. One process for all folders: CKAN takes seconds to import.
"""

import json
import sys

import requests
from ckanext.spatial.harvesters.waf import _extract_waf, _get_scraper


def found_in(url: str) -> list[tuple[str, str | None]]:
    answer = requests.get(url, timeout=10)
    scraper = _get_scraper(answer.headers.get("server"))
    return _extract_waf(str(answer.content), url, scraper)


print(json.dumps({url: found_in(url) for url in sys.argv[1:]}))
