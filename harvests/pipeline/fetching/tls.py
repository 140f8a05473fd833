"""Whose certificates are trusted: the usual authorities, and those of a source."""

import re
import ssl
from pathlib import Path
from typing import Final

import certifi

CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)


def trust() -> str:
    """Return the bundle of authorities: the system's (or SSL_CERT_FILE), or certifi's.

    The default of the pycurl wheel is a path of Red Hat's.
    """
    return ssl.get_default_verify_paths().cafile or certifi.where()


def check_certificates(text: str) -> str:
    """Say why PEM texts cannot be trusted, "" if they can or there are none."""
    if "PRIVATE KEY" in text:
        return "a private key is among the certificates; leave it out"
    found = CERTIFICATE.findall(text)
    if text.strip() and not found:
        return "there is no PEM certificate (it starts -----BEGIN CERTIFICATE-----)"
    for number, certificate in enumerate(found, 1):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
                cadata=ssl.PEM_cert_to_DER_cert(certificate)
            )
        except (ValueError, ssl.SSLError):
            return f"certificate number {number} cannot be read; paste it anew, whole"
    return ""


def bundle(text: str) -> bytes:
    """Return the usual authorities and those in the text, b"" if it holds none."""
    found = CERTIFICATE.findall(text)
    if not found:
        return b""
    return b"\n".join([Path(trust()).read_bytes(), *(pem.encode() for pem in found)])
