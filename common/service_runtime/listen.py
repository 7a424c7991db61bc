"""Where a service listens, and the rule that nothing unprotected listens beyond this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

MAX_PORT = 65535


class ListenError(ValueError):
    """An address or its protection is not acceptable; the message names what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A host and port to bind or to call; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads `host:port` or `[v6]:port`. Raises `ListenError` for anything else."""
        host, separator, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > MAX_PORT:
            raise ListenError(f"{text!r} is not host:port with a port from 0 to {MAX_PORT}")
        return cls(host=host, port=int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it: `localhost` or an address of the loopback ranges."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files of a listener: its certificate chain and key."""

    certificate: Path
    key: Path

    def read(self) -> tuple[bytes, bytes]:
        """The certificate chain and the key. Raises `ListenError` that names the file that cannot be read."""
        return _read(self.certificate), _read(self.key)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ListenError(f"cannot read {path}: {error.strerror}") from error
