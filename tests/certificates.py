"""Certificates for tests of TLS, made with the `openssl` command."""

import ssl
import subprocess
from pathlib import Path

AUTHORITY = """
[ca]
default_ca = here
[here]
dir = {folder}
new_certs_dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
default_md = sha256
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
"""


class Authority:
    """Signs certificates; `bundle` is what a client must trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bundle = folder / "ca.pem"
        (folder / "ca.conf").write_text(AUTHORITY.format(folder=folder))
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01")
        self.self_sign("ca", "Our test authority")

    def self_sign(self, name: str, host: str) -> ssl.SSLContext:
        self._openssl(
            *("req", "-x509", "-days", "2", "-subj", f"/CN={host}"),
            *(*self._key(name), "-out", f"{name}.pem"),
        )
        return self._context(name)

    def sign(self, name: str, host: str, *, until: str) -> ssl.SSLContext:
        """Return a server's side for `host`, valid until YYMMDDhhmmssZ."""
        alternative = f"subjectAltName=IP:{host}"
        self._openssl(
            *("req", "-subj", f"/CN={host}", "-addext", alternative),
            *(*self._key(name), "-out", f"{name}.csr"),
        )
        self._openssl(
            *("ca", "-batch", "-notext", "-config", "ca.conf"),
            *("-cert", "ca.pem", "-keyfile", "ca.key"),
            *("-startdate", "200101000000Z", "-enddate", until),
            *("-in", f"{name}.csr", "-out", f"{name}.pem"),
        )
        return self._context(name)

    def _key(self, name: str) -> tuple[str, ...]:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        return (*curve, "-nodes", "-keyout", f"{name}.key")

    def _openssl(self, *arguments: str) -> None:
        command = ("openssl", *arguments)
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)

    def _context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        files = (self._folder / f"{name}.{end}" for end in ("pem", "key"))
        context.load_cert_chain(*files)
        return context
