"""A folder of records of our own, served by a real nginx."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvests.embedded import free_port, stop_process

CONFIG = """
daemon off; pid {work}/nginx.pid; error_log {work}/error.log; {user}
events {{ worker_connections 512; }}
http {{
  types {{ text/xml xml; }}
  access_log off; sendfile on;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p;
  fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  server {{
    listen 127.0.0.1:{port};
    root {root}; autoindex on; autoindex_exact_size on; charset utf-8;
    location ~ /broken-[0-9]+/ {{ return 500; }}
  }}
}}
"""


def nginx_binary() -> str:
    """Return where nginx is; raises RuntimeError that says what to install."""
    found = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        raise RuntimeError("The tests need nginx: apt install nginx-light.")
    return found


@contextmanager
def served(root: Path, work: Path) -> Iterator[str]:
    """Serve `root` by nginx, whose own files go to `work`; give the URL.

    Folders named broken-N answer 500.
    """
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    config = work / "nginx.conf"
    config.write_text(CONFIG.format(work=work, root=root, port=port, user=user))
    process = subprocess.Popen([nginx_binary(), "-c", str(config), "-e", "stderr"])
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_until_answered(url)
        yield url
    finally:
        stop_process(process)


def wait_until_answered(url: str, *, attempts: int = 1200) -> None:
    for _attempt in range(attempts):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


RECORD = """<?xml version="1.0" encoding="UTF-8"?>
<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd"
    xmlns:gco="http://www.isotc211.org/2005/gco">
  <gmd:fileIdentifier>
    <gco:CharacterString>{identifier}</gco:CharacterString>
  </gmd:fileIdentifier>
  <gmd:contact><gmd:CI_ResponsibleParty>
    <gmd:organisationName>
      <gco:CharacterString>Ocean Institute</gco:CharacterString>
    </gmd:organisationName>
    <gmd:role><gmd:CI_RoleCode codeList="#CI_RoleCode"
      codeListValue="pointOfContact">pointOfContact</gmd:CI_RoleCode></gmd:role>
  </gmd:CI_ResponsibleParty></gmd:contact>
  <gmd:dateStamp><gco:Date>{date}</gco:Date></gmd:dateStamp>
  <gmd:identificationInfo><gmd:MD_DataIdentification>
    <gmd:citation><gmd:CI_Citation>
      <gmd:title><gco:CharacterString>{title}</gco:CharacterString></gmd:title>
      <gmd:date><gmd:CI_Date>
        <gmd:date><gco:Date>2024-01-01</gco:Date></gmd:date>
        <gmd:dateType><gmd:CI_DateTypeCode codeList="#CI_DateTypeCode"
          codeListValue="creation">creation</gmd:CI_DateTypeCode></gmd:dateType>
      </gmd:CI_Date></gmd:date>
    </gmd:CI_Citation></gmd:citation>
    <gmd:abstract><gco:CharacterString>Of {title}.</gco:CharacterString></gmd:abstract>
    <gmd:language><gco:CharacterString>eng</gco:CharacterString></gmd:language>
  </gmd:MD_DataIdentification></gmd:identificationInfo>
</gmd:MD_Metadata>
"""


def record(identifier: str, *, title: str = "", date: str = "2025-01-01") -> bytes:
    """Return a valid record of ours."""
    title = title or f"Dataset {identifier}"
    return RECORD.format(identifier=identifier, title=title, date=date).encode()


def add_records(path: Path, count: int) -> None:
    """Write r0000.xml, r0001.xml, … into `path`."""
    path.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (path / f"r{number:04}.xml").write_bytes(record(f"{path.name}-{number}"))
