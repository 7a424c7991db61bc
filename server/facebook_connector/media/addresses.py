"""Which addresses media may be fetched from: pure.

Links come from webhooks, and redirects from wherever those lead: the server must not be made to call what only it can
reach (https://owasp.org/www-community/attacks/Server_Side_Request_Forgery). A URL is judged by its parts before
anything is looked up, and the IP address again when the connection is made: names can resolve to anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

HTTPS_PORT: Final = 443
PORTS: Final = {"http": 80, "https": HTTPS_PORT}

NAT64: Final = IPv6Network("64:ff9b::/96")
"""Addresses that a gateway translates into the IPv4 address in their last four bytes (RFC 6052)."""

FACEBOOK_HOSTS: Final = ("fbcdn.net", "fbsbx.com", "facebook.com")
"""Domains under which Facebook keeps what customers send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a URL asks to connect to."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """As in `FBC_MEDIA_ORIGINS`, the port always written."""
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """What may be fetched: https under some domains, and a few exact origins for tests and the sandbox."""

    hosts: tuple[str, ...] = FACEBOOK_HOSTS
    """Domains in lower case; those under them count too."""
    origins: frozenset[str] = frozenset()
    """`Target.origin`s that may also be plain HTTP, and at a private or loopback address."""

    def allow(self, target: Target) -> bool:
        """Whether a URL may be asked for, as far as its text tells."""
        if target.origin in self.origins:
            return True
        under = any(target.host == host or target.host.endswith(f".{host}") for host in self.hosts)
        return target.scheme == "https" and target.port == HTTPS_PORT and under

    def allow_address(self, host: str, port: int, address: str) -> bool:
        """Whether a connection to `host` may go to this IP address."""
        relaxed = any(f"{scheme}://{host}:{port}" in self.origins for scheme in PORTS)
        try:
            return _may_be_local(address) if relaxed else is_public(address)
        except ValueError:  # 127.1, 2130706433 and the like, which the system would take for some address
            return False


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's: not private, loopback, link-local, multicast or reserved."""
    return all(ip.is_global and not ip.is_multicast for ip in _meant(address))


def normal_origin(text: str) -> str:
    """An origin with its port. Raises ValueError if the text is anything else than a scheme, a host and a port."""
    scheme, separator, rest = text.strip().lower().removesuffix("/").partition("://")
    host, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
    if not colon:
        host, port = rest, str(PORTS.get(scheme, ""))
    if not separator or scheme not in PORTS or not host or not port.isdigit() or set(host) & set("/@?#"):
        raise ValueError(f"{text!r} is no origin such as https://media.example.com or http://127.0.0.1:8090")
    return Target(scheme=scheme, host=host.strip("[]"), port=int(port)).origin


def normal_hosts(text: str) -> tuple[str, ...]:
    """A comma separated list of domains."""
    return tuple(filter(None, (host.strip().strip(".").lower() for host in text.split(","))))


def _may_be_local(address: str) -> bool:
    """Link-local stays forbidden also where private addresses are allowed: there cloud machines keep credentials."""
    return not any(ip.is_link_local or ip.is_multicast or ip.is_unspecified for ip in _meant(address))


def _meant(address: str) -> Iterable[IPv4Address | IPv6Address]:
    """The address, and the IPv4 address that it is another spelling of or a tunnel to."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    inner = [ip.sixtofour, *(ip.teredo or ()), IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None]
    return [ip, *(found for found in inner if found is not None)]
