"""The server's settings: one environment variable each, prefix `FBC_`, checked before anything starts.

A field is declared after those that its check reads, so that every error names the variable to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from cim_messenger.inbound.settings import (
    DEFAULT_SENDER_ID,
    DEFAULT_SENDER_NAME,
    TranslatorSettings,
    media_links_under,
)
from facebook_connector.channels.seal import Keyring, keyring_file
from facebook_connector.media.settings import MediaSettings, http_address
from service_runtime.listen import Address, TlsFiles
from service_runtime.pem import require_key_of

KEY_FILE = "secret.key"
"""Where the sealing key lives in the data folder when `FBC_SECRET_KEYS` is not set."""

DATABASE_FILE = "connector.db"

MEDIA_FOLDER = "media"
"""Where media are kept in the data folder when `FBC_MEDIA_URL` is not set."""

LONGEST_TEXT = 1999
"""Messenger takes fewer than 2 000 UTF-16 units."""

HOST = re.compile(r"[A-Za-z0-9.:_-]+")
"""Characters of a host's name or address."""

TOKEN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}")
TOKEN_VALUE = re.compile(r"[!-+\--9;-~]+")
"""Printable ASCII without space, comma and colon."""


class Role(StrEnum):
    """What a bearer token allows."""

    CCM = "ccm"
    GATEWAY = "gateway"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token and the name under which its holder stands in logs."""

    name: str
    value: str = field(repr=False)


class ServerSettings(MediaSettings):
    """What the server can be told. Lists are comma separated."""

    data_dir: Path = Path("facebook-connector-data")
    """Folder of the embedded database and of the key file."""

    database_url: SecretStr = SecretStr("")
    """`sqlite:///path` or `postgresql://…`; default: an SQLite file in the data folder."""

    secret_keys: SecretStr = SecretStr("")
    """`id:base64key,…` (32 bytes each): the first seals the channels' secrets, all open them."""

    ccm_tokens: SecretStr = SecretStr("")
    gateway_tokens: SecretStr = SecretStr("")
    operator_tokens: SecretStr = SecretStr("")
    """Bearer tokens of each role, each `token` or `name:token`; the name (default: the role) stands in logs.

    None at all: every caller may do everything, and the server listens on a loopback address only.
    """

    tls_certificate: Path | None = None
    """PEM file with the server's certificate chain."""

    tls_key: Path | None = None
    """PEM file with the certificate's key."""

    listen: str = "127.0.0.1:50051"
    """Where the gRPC server listens; beyond loopback only with TLS and tokens. Port 0 takes a free one."""

    metrics_listen: str = ""
    """Where `/metrics` is shown by plain HTTP, `host:port`; empty: nowhere. Port 0 takes a free one."""

    graph_url: str = "https://graph.facebook.com"
    """Facebook's Graph API, without a version; plain HTTP only to a loopback address (the sandbox)."""

    profiles: bool = True
    """Whether Facebook is asked for the names of people who write."""

    channel_watch: bool = True
    """Whether each channel is checked once an hour, and a page that Facebook unsubscribed is subscribed again."""

    public_base_url: str = "http://127.0.0.1:8080"
    """Under which address the gateway can be reached by who opens media links: the gateway's setting of the same name.
    This and the three that follow count when the server translates stored bytes anew: as the gateway would.
    """

    sender_id: str = Field(default=DEFAULT_SENDER_ID, min_length=1)
    """`header.sender.id` of messages from customers, as the gateway's; also of delivery notifications."""

    sender_name: str = DEFAULT_SENDER_NAME
    """`header.sender.senderName` of the same."""

    reactions_as_text: bool = False
    """Reactions as PLAIN text that quotes the message, not as CUSTOM; as the gateway's."""

    text_limit: int = Field(default=1999, ge=20, le=LONGEST_TEXT)
    """Longest text of one Messenger message in UTF-16 units; longer ones are split."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def address(self) -> Address:
        """Where to listen."""
        return Address.parse(self.listen)

    @property
    def metrics_address(self) -> Address | None:
        """Where to show metrics; None: nowhere."""
        return Address.parse(self.metrics_listen) if self.metrics_listen else None

    @property
    def tls(self) -> TlsFiles | None:
        """The certificate to serve with; None: plain text."""
        if self.tls_certificate is None or self.tls_key is None:
            return None
        return TlsFiles(certificate=self.tls_certificate, key=self.tls_key)

    @property
    def tokens(self) -> dict[Role, tuple[Token, ...]]:
        """The configured tokens by role; a token may stand under several."""
        return {role: tuple(_tokens(getattr(self, f"{role}_tokens"), role)) for role in Role}

    @property
    def database(self) -> str:
        """The URL of the database. A secret: it may hold a password."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def media_folder(self) -> Path:
        """Where media are kept without `FBC_MEDIA_URL`."""
        return self.data_dir / MEDIA_FOLDER

    @property
    def translator(self) -> TranslatorSettings:
        """How stored bytes are translated anew."""
        return TranslatorSettings(
            media_link=media_links_under(self.public_base_url),
            sender_id=self.sender_id,
            sender_name=self.sender_name,
            reactions_as_text=self.reactions_as_text,
        )

    def keyring(self) -> Keyring:
        """The keys that seal the channels' secrets. Raises `KeyringError` when the key file cannot be used."""
        if text := self.secret_keys.get_secret_value():
            return Keyring.parse(text)
        return keyring_file(self.data_dir / KEY_FILE)

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and urlsplit(url.get_secret_value()).scheme not in {"sqlite", "postgresql"}:
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _keys_can_be_used(cls, keys: SecretStr, info: ValidationInfo) -> SecretStr:
        if text := keys.get_secret_value():
            Keyring.parse(text)
        elif _text(info, "database_url").startswith("postgresql"):
            raise ValueError("must be set with PostgreSQL: all servers on one database need the same keys")
        return keys

    @field_validator("ccm_tokens", "gateway_tokens", "operator_tokens")
    @classmethod
    def _tokens_fit_a_header(cls, tokens: SecretStr) -> SecretStr:
        for token in _tokens(tokens, "unnamed"):
            if not TOKEN_NAME.fullmatch(token.name):
                raise ValueError("the name before a token's colon must be 1 to 32 letters, digits, _, . or -")
            if not TOKEN_VALUE.fullmatch(token.value):
                raise ValueError("a token may hold printable ASCII characters only, and no space, comma or colon")
        return tokens

    @field_validator("tls_certificate", "tls_key")
    @classmethod
    def _file_can_be_read(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                path.open("rb").close()
            except OSError as error:
                raise ValueError(f"cannot read {path}: {error.strerror}") from None
        return path

    @field_validator("tls_key")
    @classmethod
    def _certificate_and_key_go_together(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if "tls_certificate" in info.data and (key is None) != (info.data["tls_certificate"] is None):
            raise ValueError("must be set together with FBC_TLS_CERTIFICATE")
        if key is not None and (certificate := info.data.get("tls_certificate")) is not None:
            require_key_of(certificate, key)
        return key

    @field_validator("listen")
    @classmethod
    def _nothing_unprotected_beyond_loopback(cls, listen: str, info: ValidationInfo) -> str:
        if Address.parse(listen).loopback:
            return listen
        if info.data.get("tls_key") is None:
            raise ValueError("beyond loopback the server needs FBC_TLS_CERTIFICATE and FBC_TLS_KEY")
        if not any(_text(info, f"{role}_tokens") for role in Role):
            names = ", ".join(f"FBC_{role.upper()}_TOKENS" for role in Role)
            raise ValueError(f"beyond loopback the server needs tokens ({names})")
        return listen

    @field_validator("public_base_url")
    @classmethod
    def _links_can_be_opened(cls, url: str) -> str:
        return http_address(url)

    @field_validator("metrics_listen")
    @classmethod
    def _metrics_have_an_address(cls, listen: str) -> str:
        if listen:
            Address.parse(listen)
        return listen

    @field_validator("graph_url")
    @classmethod
    def _page_tokens_travel_safely(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("must be an https:// address; its port is a number up to 65535") from None
        if parts.scheme not in {"http", "https"} or not HOST.fullmatch(host):
            raise ValueError("must be an https:// address")
        if parts.scheme == "http" and not Address(host=host, port=0).loopback:
            raise ValueError("must be an https:// address: page tokens travel over it")
        return url.rstrip("/")


def _tokens(tokens: SecretStr, default_name: str) -> Iterator[Token]:
    for item in filter(None, map(str.strip, tokens.get_secret_value().split(","))):
        name, separator, value = item.partition(":")
        yield Token(name=name, value=value) if separator else Token(name=default_name, value=item)


def _text(info: ValidationInfo, name: str) -> str:
    secret = info.data.get(name)
    return secret.get_secret_value().strip(" ,") if isinstance(secret, SecretStr) else ""
