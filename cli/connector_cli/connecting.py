"""Reaches the server for the commands that call it, and says in one line what to do when that does not work."""

# ruff: noqa: PLC0415 # grpc is heavy, and `--help` is to answer at once
from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from connector_cli.environment import setting
from connector_cli.failures import Failure
from connector_cli.printing import visible
from service_runtime.listen import Address, ListenError

if TYPE_CHECKING:
    from connector_client import ConnectorClient, ConnectorError

DEFAULT_SERVER = "127.0.0.1:50051"

CONNECT_S = 5.0
"""Long enough for a server that is just being started."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "TOKEN_MISSING": "set FBC_TOKEN to one of the server's tokens",
        "TOKEN_INVALID": "FBC_TOKEN must be one of the server's tokens",
        "ROLE_REQUIRED": "FBC_TOKEN must be one of the server's tokens for the role {role}",
        "CHANNEL_NOT_FOUND": "`facebook-connector channels list` shows those that exist",
        "CHANNEL_EXISTS": "change it with `facebook-connector channels update {page_id}`",
        "PAGE_TOKEN_REJECTED": "set a new one with"
        " `facebook-connector channels update {page_id} --new-page-access-token`",
        "PAGE_PERMISSION_MISSING": "`facebook-connector channels check {page_id}` says which",
        "MESSAGE_NOT_RETRYABLE": "`facebook-connector messages show {id}` says how it came there",
        "MESSAGE_NOT_UNCERTAIN": "`facebook-connector messages show {id}` says how it came there",
        "MESSAGE_ID_CONFLICT": "leave --id away to send a new message",
        "SUBSCRIPTION_NOT_FOUND": "`facebook-connector subscriptions list` shows those that exist; `ccm` always does",
        "SUBSCRIPTION_EXISTS": "`facebook-connector subscriptions list` shows it; delete it first to make it anew",
        "QUARANTINE_ENTRY_NOT_FOUND": "`facebook-connector quarantine list` shows those that exist",
        "DEAD_LETTER_NOT_FOUND": "`facebook-connector dead-letters list` shows those that are left",
    }
)
"""Reason of an error → what to do about it; in braces keys of the error's metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Which server to call, and as whom."""

    address: str
    ca: Path | None
    """Judges the server's certificate. None: plain text, which never leaves this machine."""
    token: str = field(repr=False)

    @classmethod
    def from_settings(cls) -> Server:
        """Reads `FBC_SERVER`, `FBC_SERVER_CA` and `FBC_TOKEN`. Raises `Failure` that names the one to change."""
        address, ca = setting("FBC_SERVER") or DEFAULT_SERVER, setting("FBC_SERVER_CA")
        try:
            local = Address.parse(address).loopback
        except ListenError as error:
            raise Failure(f"FBC_SERVER: {error}") from error
        if not local and not ca:
            raise Failure(f"FBC_SERVER_CA: {address} is another machine, which is called by TLS only: name a PEM file")
        return cls(address=address, ca=_certificates(ca) if ca else None, token=setting("FBC_TOKEN"))


@asynccontextmanager
async def connected(command: str) -> AsyncIterator[ConnectorClient]:
    """A client whose server answers. Every `ConnectorError` inside the block becomes a `Failure`."""
    from connector_client import ConnectorClient, ConnectorError, Tls

    server = Server.from_settings()
    tls = None if server.ca is None else Tls(ca=server.ca)
    client_id = f"{command}-{uuid.uuid4()}"
    try:
        async with ConnectorClient(server.address, token=server.token, tls=tls, client_id=client_id) as client:
            await _reach(client, server)
            yield client
    except ConnectorError as error:
        raise Failure(explain(error, server.address)) from error


def explain(error: ConnectorError, address: str) -> str:
    """An error of a call in one line: reason, message, the fields at fault, what to do."""
    if not error.reason:
        return visible(f"{address} (FBC_SERVER): {error}")
    parts = [str(error).rstrip("."), *(f"{each.field}: {each.description}" for each in error.violations)]
    if error.reason in HINTS:
        parts.append(HINTS[error.reason].format_map(_Known(error.metadata)))
    return visible("; ".join(parts))


async def _reach(client: ConnectorClient, server: Server) -> None:
    from connector_client import ConnectorError

    try:
        await client.connection.ready(CONNECT_S)
    except ConnectorError as error:
        guess = "does it speak TLS? Then set FBC_SERVER_CA" if server.ca is None else "is FBC_SERVER_CA the right one?"
        raise Failure(
            f"no server answers at {server.address} (FBC_SERVER) within {CONNECT_S:g} s: is it running"
            f" (`facebook-connector up`)? If it is, {guess}"
        ) from error


def _certificates(path: str) -> Path:
    from service_runtime.pem import PemError, require_certificates

    try:
        require_certificates(Path(path))
    except PemError as error:
        raise Failure(f"FBC_SERVER_CA: {error}") from error
    return Path(path)


class _Known(dict[str, str]):
    """Metadata of an error, in which a key that a server left out does no harm."""

    def __missing__(self, key: str) -> str:
        return key.upper()
