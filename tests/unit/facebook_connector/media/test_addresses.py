from __future__ import annotations

import pytest

from facebook_connector.media.addresses import AddressRules, Target, is_public, normal_hosts, normal_origin

SANDBOX = AddressRules(origins=frozenset({"http://127.0.0.1:8090"}))


@pytest.mark.parametrize("host", ["fbcdn.net", "scontent-fra3-1.xx.fbcdn.net", "cdn.fbsbx.com", "www.facebook.com"])
def test_hosts_of_facebook_are_allowed(host: str) -> None:
    assert AddressRules().allow(Target(scheme="https", host=host, port=443))


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("http", "cdn.fbsbx.com", 80),
        ("https", "cdn.fbsbx.com", 8443),
        ("https", "evilfbcdn.net", 443),
        ("https", "fbcdn.net.evil.example", 443),
        ("https", "127.0.0.1", 443),
        ("http", "169.254.169.254", 80),
        ("file", "fbcdn.net", 443),
    ],
)
def test_everything_else_is_not(scheme: str, host: str, port: int) -> None:
    assert not AddressRules().allow(Target(scheme=scheme, host=host, port=port))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.9.9",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_no_address_that_only_we_can_reach_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "media.test", ""])
def test_what_is_no_ip_address_is_none_to_connect_to(address: str) -> None:
    assert not AddressRules().allow_address("cdn.fbsbx.com", 443, address)
    assert not SANDBOX.allow_address("127.0.0.1", 8090, address)


@pytest.mark.parametrize("address", ["157.240.20.1", "2a03:2880:f01c:1::1", "::ffff:157.240.20.1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_an_exact_origin_may_be_local() -> None:
    assert SANDBOX.allow(Target(scheme="http", host="127.0.0.1", port=8090))
    assert SANDBOX.allow_address("127.0.0.1", 8090, "127.0.0.1")


def test_another_port_of_its_host_may_not() -> None:
    assert not SANDBOX.allow(Target(scheme="http", host="127.0.0.1", port=8091))
    assert not SANDBOX.allow_address("127.0.0.1", 8091, "127.0.0.1")


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1"])
def test_not_even_an_exact_origin_may_be_link_local(address: str) -> None:
    assert not SANDBOX.allow_address("127.0.0.1", 8090, address)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("HTTPS://Media.Example.com", "https://media.example.com:443"),
        ("http://[::1]:8090", "http://::1:8090"),
    ],
)
def test_an_origin_is_written_one_way(text: str, origin: str) -> None:
    assert normal_origin(text) == origin


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8090", "ftp://a:1", "http://a:1/path", "http://u@a:1", "http://", "http://a:x"]
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        normal_origin(text)


def test_hosts_are_a_list() -> None:
    assert normal_hosts(" FBCDN.net ,.fbsbx.com,") == ("fbcdn.net", "fbsbx.com")
