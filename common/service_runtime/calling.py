"""Settings of a process that calls the gRPC server: where it is, and how its certificate is judged."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr, ValidationInfo, field_validator

from service_runtime.listen import Address
from service_runtime.pem import require_certificates
from service_runtime.settings import Settings

TOKEN_VALUE = re.compile(r"[!-+\--9;-~]+")
"""Printable ASCII without space, comma and colon: what the server takes as a token."""


class CallingSettings(Settings):
    """What every process that calls the server can be told."""

    server_ca: Path | None = None
    """PEM file with the certificates by which the server's certificate is judged. Set: the server is called by TLS."""

    server: str = "127.0.0.1:50051"
    """The gRPC server; beyond loopback only by TLS, for tokens and secrets travel."""

    @property
    def server_address(self) -> Address:
        """Where the gRPC server is."""
        return Address.parse(self.server)

    @field_validator("server_ca")
    @classmethod
    def _server_can_be_judged(cls, ca: Path | None) -> Path | None:
        if ca is not None:
            require_certificates(readable(ca))
        return ca

    @field_validator("server")
    @classmethod
    def _secrets_travel_safely(cls, server: str, info: ValidationInfo) -> str:
        address = Address.parse(server)
        if address.port == 0:
            raise ValueError("needs a port")
        if not address.loopback and info.data.get("server_ca") is None:
            raise ValueError("beyond loopback the server is called by TLS: set FBC_SERVER_CA")
        return server


def readable(path: Path) -> Path:
    """The path. Raises ValueError if its file cannot be read."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    return path


def fit_for_a_header(token: SecretStr) -> SecretStr:
    """The token, or none. Raises ValueError for one that no server has."""
    text = token.get_secret_value()
    if text and not TOKEN_VALUE.fullmatch(text):
        raise ValueError("a token may hold printable ASCII characters only, and no space, comma or colon")
    return token
