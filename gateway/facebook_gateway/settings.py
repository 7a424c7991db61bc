"""The gateway's settings: one environment variable each, prefix `FBC_`, checked before anything starts.

A field is declared after those that its check reads, so that every error names the variable to change.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from cim_messenger.inbound.settings import DEFAULT_SENDER_ID, DEFAULT_SENDER_NAME
from service_runtime.calling import CallingSettings, fit_for_a_header, readable
from service_runtime.listen import Address, TlsFiles
from service_runtime.pem import require_key_of

MEBIBYTE = 1024 * 1024

PATH_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")
"""What may stand before a path: nothing, or segments of characters that no proxy rewrites."""


class GatewaySettings(CallingSettings):
    """What the gateway can be told."""

    gateway_tls_certificate: Path | None = None
    """PEM file with the certificate chain, if the gateway is to speak HTTPS itself."""

    gateway_tls_key: Path | None = None
    """PEM file with the certificate's key."""

    gateway_plain_http: bool = False
    """Allows plain HTTP beyond loopback, for a reverse proxy on another machine. Webhooks are signed either way."""

    gateway_listen: str = "127.0.0.1:8080"
    """Where webhooks are taken; port 0 takes a free one."""

    webhook_prefix: str = "/facebook-connector"
    """Under which path webhooks are taken besides the root: for a proxy in front that leaves it on. `/`: none."""

    gateway_metrics_listen: str = ""
    """Where `/metrics` is shown by plain HTTP, `host:port`; empty: nowhere. Port 0 takes a free one."""

    server_token: SecretStr = SecretStr("")
    """One of the server's `FBC_GATEWAY_TOKENS`."""

    max_body_bytes: int = Field(default=32 * MEBIBYTE, ge=64 * 1024)
    """Longest webhook body; a longer one is refused with 413. Facebook packs up to 1000 updates into one."""

    ingest_queue_bytes: int = Field(default=64 * MEBIBYTE, ge=MEBIBYTE)
    """How much may wait for the server before webhooks are answered 503. One webhook alone may exceed it."""

    public_base_url: str = ""
    """Under which address the gateway can be reached by who opens media links; default: where it listens."""

    sender_id: str = Field(default=DEFAULT_SENDER_ID, min_length=1)
    """`header.sender.id` of messages from customers."""

    sender_name: str = DEFAULT_SENDER_NAME
    """`header.sender.senderName` of messages from customers."""

    reactions_as_text: bool = False
    """Sends reactions as PLAIN text that quotes the message, not as CUSTOM."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def metrics_address(self) -> Address | None:
        """Where to show metrics; None: nowhere."""
        return Address.parse(self.gateway_metrics_listen) if self.gateway_metrics_listen else None

    @property
    def address(self) -> Address:
        """Where to listen."""
        return Address.parse(self.gateway_listen)

    @property
    def tls(self) -> TlsFiles | None:
        """The certificate to serve with; None: plain HTTP."""
        if self.gateway_tls_certificate is None or self.gateway_tls_key is None:
            return None
        return TlsFiles(certificate=self.gateway_tls_certificate, key=self.gateway_tls_key)

    @field_validator("gateway_tls_certificate", "gateway_tls_key")
    @classmethod
    def _file_can_be_read(cls, path: Path | None) -> Path | None:
        return path if path is None else readable(path)

    @field_validator("gateway_tls_key")
    @classmethod
    def _certificate_and_key_go_together(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        certificate = info.data.get("gateway_tls_certificate", key)
        if (key is None) != (certificate is None):
            raise ValueError("must be set together with FBC_GATEWAY_TLS_CERTIFICATE")
        if key is not None and certificate is not None and "gateway_tls_certificate" in info.data:
            require_key_of(certificate, key)
        return key

    @field_validator("gateway_listen")
    @classmethod
    def _plain_http_beyond_loopback_is_a_decision(cls, listen: str, info: ValidationInfo) -> str:
        protected = info.data.get("gateway_tls_key") is not None or info.data.get("gateway_plain_http")
        if not Address.parse(listen).loopback and not protected:
            raise ValueError(
                "beyond loopback the gateway needs FBC_GATEWAY_TLS_CERTIFICATE and FBC_GATEWAY_TLS_KEY, "
                "or FBC_GATEWAY_PLAIN_HTTP=true behind a proxy that speaks HTTPS"
            )
        return listen

    @field_validator("webhook_prefix")
    @classmethod
    def _prefix_is_a_path(cls, prefix: str) -> str:
        if not PATH_PREFIX.fullmatch(prefix.rstrip("/")):
            raise ValueError("must begin with / and hold only letters, digits, and . _ ~ - between slashes")
        return prefix.rstrip("/")

    @field_validator("gateway_metrics_listen")
    @classmethod
    def _metrics_have_an_address(cls, listen: str) -> str:
        if listen:
            Address.parse(listen)
        return listen

    @field_validator("server_token")
    @classmethod
    def _token_fits_a_header(cls, token: SecretStr) -> SecretStr:
        return fit_for_a_header(token)

    @field_validator("public_base_url")
    @classmethod
    def _links_can_be_opened(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be an http:// or https:// address without query")
        return url.rstrip("/")
