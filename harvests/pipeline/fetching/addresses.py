"""Which addresses may be dialled: public ones, and those that the operator allows.

Judges the address, not the name: a name proves nothing about where it leads.
"""

import ipaddress
import socket
import urllib.request
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA: Final = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254")
CARRIER_NAT: Final = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
KINDS: Final = (
    ("is_unspecified", "an unspecified address"),
    ("is_loopback", "a loopback address"),
    ("is_link_local", "a link-local address"),
    ("is_multicast", "a multicast address"),
    ("is_private", "a private address"),
    ("is_reserved", "a reserved address"),
    ("is_site_local", "a private address"),
)
PROXY_PORT: Final = 1080  # what libcurl assumes for a proxy without a port


class Guard:
    """Says why an address must not be dialled.

    `allow_networks` are CIDRs; a proxy that the operator set in the environment is
    exempt, at its own port, unless it is not used (`own_proxy`).
    """

    def __init__(
        self, allow_networks: Iterable[str] = (), *, own_proxy: bool = False
    ) -> None:
        self._allowed = [
            ipaddress.ip_network(network, strict=False) for network in allow_networks
        ]
        self._proxies = frozenset() if own_proxy else proxies()

    def refuses(self, host: str, address: str, port: int = 0) -> str:
        """Return the reason as a sentence, "" if the address may be dialled."""
        if (address, port) in self._proxies:
            return ""
        given = ipaddress.ip_address(address.partition("%")[0])
        inner = _inner(given)
        if any(ip in network for network in self._allowed for ip in (given, inner)):
            return ""
        kind = _kind(inner)
        return kind and (
            f"refused to connect to {address}, {kind} (host {host}): "
            "add it to ALLOW_PRIVATE_NETWORKS if it is yours"
        )

    def refuses_host(self, host: str) -> str:
        """Judge a URL's host where it needs no look-up, as a proxy would dial it."""
        name = unquote(host).rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            return self.refuses(host, "127.0.0.1")
        address = _literal(name)
        return self.refuses(host, address) if address else ""


def proxies() -> frozenset[tuple[str, int]]:
    """Return address and port of the proxies that the environment names."""
    found = set()
    for kind, url in urllib.request.getproxies_environment().items():
        parts = urlsplit(url if "://" in url else f"//{url}")
        if kind != "no" and parts.hostname:
            found |= _resolve(parts.hostname, parts.port or PROXY_PORT)
    return frozenset(found)


def _resolve(host: str, port: int) -> set[tuple[str, int]]:
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return set()  # libcurl will say so, per request
    return {(str(info[4][0]), port) for info in infos}


def _literal(name: str) -> str:
    """Return the address that a host like "127.1" or "0x7f000001" stands for."""
    try:
        return str(ipaddress.ip_address(name.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, ValueError):
        return ""


def _inner(ip: Address) -> Address:
    """Return the IPv4 address that an IPv6 one merely carries."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _kind(ip: Address) -> str:
    if str(ip) in METADATA:
        return "the metadata address of a cloud"
    if ip in CARRIER_NAT:
        return "a shared (carrier NAT) address"
    for test, words in KINDS:
        if getattr(ip, test, False):
            return words
    return "" if ip.is_global else "a reserved address"
