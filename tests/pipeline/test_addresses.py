"""Which addresses are refused, whatever they are disguised as."""

import pytest

from harvests.pipeline.fetching.addresses import Guard, proxies

REFUSED = {
    "0.0.0.0": "an unspecified address",
    "0.1.2.3": "a private address",
    "10.1.2.3": "a private address",
    "100.64.0.1": "a shared (carrier NAT) address",
    "127.0.0.1": "a loopback address",
    "127.255.255.254": "a loopback address",
    "169.254.1.1": "a link-local address",
    "169.254.169.254": "the metadata address of a cloud",
    "172.31.0.1": "a private address",
    "192.168.1.1": "a private address",
    "192.0.2.1": "a private address",
    "198.18.0.1": "a private address",
    "224.0.0.1": "a multicast address",
    "240.0.0.1": "a private address",
    "255.255.255.255": "a private address",
    "::": "an unspecified address",
    "::1": "a loopback address",
    "::127.0.0.1": "a reserved address",
    "::ffff:10.1.2.3": "a private address",
    "::ffff:127.0.0.1": "a loopback address",
    "::ffff:169.254.169.254": "the metadata address of a cloud",
    "64:ff9b::10.1.2.3": "a private address",
    "64:ff9b::a9fe:a9fe": "the metadata address of a cloud",
    "64:ff9b:1::1": "a reserved address",
    "2001:db8::1": "a private address",
    "2002:7f00:1::": "a loopback address",
    "fc00::1": "a private address",
    "fd00:ec2::254": "the metadata address of a cloud",
    "fe80::1%eth0": "a link-local address",
    "fec0::1": "a private address",
    "ff02::1": "a multicast address",
    "ff0e::1": "a multicast address",
}


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert Guard().refuses("x.org", address) == (
        f"refused to connect to {address}, {REFUSED[address]} (host x.org): "
        "add it to ALLOW_PRIVATE_NETWORKS if it is yours"
    )


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_a_public_address_may_be_dialled(address: str) -> None:
    assert Guard().refuses("x.org", address) == ""


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.1.2.3/8", "10.200.0.1"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("10.0.0.0/8", "64:ff9b::10.1.2.3"),
        ("64:ff9b::/96", "64:ff9b::10.1.2.3"),
        ("fe80::/10", "fe80::1%eth0"),
        ("169.254.169.254", "169.254.169.254"),
    ],
)
def test_an_allowed_network_may_be_dialled(network: str, address: str) -> None:
    guard = Guard([network])
    assert guard.refuses("x.org", address) == ""
    assert guard.refuses("x.org", "192.168.1.1")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "%31%32%37.0.0.1",
        "[::1]",
        "::1",
    ],
)
def test_a_host_that_spells_a_private_address_is_refused(host: str) -> None:
    assert "a loopback address" in Guard().refuses_host(host)
    assert Guard(["127.0.0.0/8", "::1"]).refuses_host(host) == ""


@pytest.mark.parametrize("host", ["example.org", "8.8.8.8", "localhost.org", "a\0b"])
def test_a_host_that_needs_looking_up_is_not_judged(host: str) -> None:
    assert Guard().refuses_host(host) == ""


def test_the_operators_proxy_is_exempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret@127.0.0.1:3128")
    monkeypatch.setenv("https_proxy", "127.0.0.2")
    monkeypatch.setenv("all_proxy", "no-such-proxy.invalid:1")
    monkeypatch.setenv("no_proxy", "127.0.0.9")
    assert proxies() == {("127.0.0.1", 3128), ("127.0.0.2", 1080)}
    assert Guard().refuses("proxy", "127.0.0.1", 3128) == ""
    assert Guard().refuses("x.org", "127.0.0.1", 80)
