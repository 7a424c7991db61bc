"""The bridge's settings: one environment variable each, prefix `FBC_`, checked before anything starts.

A field is declared after those that its check reads, so that every error names the variable to change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from expertflow.connector.v1.inbound_pb2 import EventKind
from service_runtime.calling import CallingSettings, fit_for_a_header
from service_runtime.listen import Address

RECEIVE_PATH: Final = "/message/receive"
"""Where CCM takes messages. Installations of 4.x have it in `CCM_URL`, the Helm charts have not."""

KIBIBYTE: Final = 1024
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        name.removeprefix("EVENT_KIND_").lower(): name
        for name in EventKind.DESCRIPTOR.values_by_name
        if name not in {"EVENT_KIND_UNSPECIFIED", "EVENT_KIND_ECHO"}
    }
)
"""Kinds that a subscription can have: how a setting calls them → how the contract does."""
SUBSCRIPTION_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
ERROR_STATUS = re.compile(r"[45][0-9]{2}")
PAGE_ID = re.compile(r"[0-9]{1,32}")
TENANT = re.compile(r"[!-~]{0,128}")
PREFIX_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


class BridgeSettings(CallingSettings):
    """What the bridge can be told. It runs only if it knows where CCM is."""

    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"ccm_url": "CCM_URL"})

    ccm_url: str = ""
    """Where CCM is, with or without `/message/receive` at the end. Set: messages are posted there. Empty: no bridge."""

    ccm_timeout: float = Field(default=15.0, ge=1, le=300)
    """How many seconds CCM may take to answer; a message whose answer does not come is posted again."""

    ccm_rejecting: str = ""
    """Statuses that mean that CCM refuses this very message, beside those that always do: such as `500` for a CCM that
    answers so to what it cannot read. Comma separated, 400 to 599."""

    ccm_reason_codes: bool = True
    """Heeds the `reasonCode` in the body of an answer 200 or 202 like a status, as CCM's documentation has it."""

    ccm_tenant_header: bool = True
    """Sends the header `tenantid`, which CX 5.0 and later may need and earlier ones do not look at."""

    ccm_tenant: str = ""
    """The tenant of all messages; empty: that of each message's channel."""

    bridge_listen: str = "127.0.0.1:8081"
    """Where `/cim-messages` is taken, by plain HTTP; port 0 takes a free one."""

    bridge_prefix: str = ""
    """Under which path everything is served besides the root, such as `/facebook-connector`."""

    bridge_metrics_listen: str = ""
    """Where `/metrics` is shown by plain HTTP, `host:port`; empty: nowhere. Port 0 takes a free one."""

    bridge_max_body_bytes: int = Field(default=3 * 1024 * KIBIBYTE, ge=64 * KIBIBYTE, le=16 * 1024 * KIBIBYTE)
    """Longest message taken from CCM; a longer one gets 413."""

    bridge_subscription: str = "ccm"
    """The subscription whose messages are posted. One that does not exist is created at the start."""

    bridge_kinds: str = "message,reaction,receipt"
    """Kinds of a subscription that is created, comma separated."""

    bridge_parallel: int = Field(default=16, ge=1, le=256)
    """Most messages that are posted at the same time; each conversation has one at most."""

    bridge_reactions_as_text: bool = True
    """Posts reactions as PLAIN text that quotes the message, not as CUSTOM."""

    bridge_context: bool = True
    """Writes what Messenger says beyond CIM into `header.entities.messenger`."""

    bridge_pages: str = ""
    """Ids of pages whose settings CCM is asked for at the start, comma separated; known channels need not be named."""

    bridge_allow_unsigned: bool = False
    """Lets channels that CCM sets up, and that have no app secret, take webhooks that nobody signed."""

    bridge_server_token: SecretStr = SecretStr("")
    """One of the server's `FBC_CCM_TOKENS`."""

    bridge_operator_token: SecretStr = SecretStr("")
    """One of the server's `FBC_OPERATOR_TOKENS`, to set up channels and to create a subscription that is missing;
    default: FBC_BRIDGE_SERVER_TOKEN."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    bridge_token: SecretStr = SecretStr("")
    """What callers must show as `authorization: Bearer …`; empty: nothing is asked for."""

    bridge_open: bool = Field(default=False, validate_default=True)
    """Allows a listener beyond loopback that asks for no token: today's CCM shows none."""

    @property
    def address(self) -> Address:
        """Where to listen."""
        return Address.parse(self.bridge_listen)

    @property
    def metrics_address(self) -> Address | None:
        """Where to show metrics; None: nowhere."""
        return Address.parse(self.bridge_metrics_listen) if self.bridge_metrics_listen else None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of a subscription that is created, as the contract calls them."""
        return tuple(KINDS[name.strip().lower()] for name in self.bridge_kinds.split(","))

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages whose settings CCM is asked for at the start."""
        return tuple(filter(None, map(str.strip, self.bridge_pages.split(","))))

    @property
    def rejecting(self) -> frozenset[int]:
        """Statuses that mean, beside those that always do, that CCM refuses a message."""
        return frozenset(int(status) for status in self.ccm_rejecting.split(",") if status.strip())

    @property
    def operator_token(self) -> SecretStr:
        """What operator's calls are made with."""
        return self.bridge_operator_token if self.bridge_operator_token.get_secret_value() else self.bridge_server_token

    @field_validator("ccm_url")
    @classmethod
    def _ccm_can_be_called(cls, url: str) -> str:
        base = url.rstrip("/").removesuffix(RECEIVE_PATH).rstrip("/")
        parts = urlsplit(base)
        strange = parts.query or parts.fragment or "@" in parts.netloc
        if base and (parts.scheme not in {"http", "https"} or not parts.hostname or strange):
            raise ValueError(
                f"must be an http:// or https:// address without user name and query, {RECEIVE_PATH} or not"
            )
        return base

    @field_validator("ccm_rejecting")
    @classmethod
    def _statuses_are_of_errors(cls, statuses: str) -> str:
        for status in filter(None, map(str.strip, statuses.split(","))):
            if not ERROR_STATUS.fullmatch(status):
                raise ValueError("must be statuses from 400 to 599, comma separated")
        return statuses

    @field_validator("ccm_tenant")
    @classmethod
    def _tenant_fits_a_header(cls, tenant: str) -> str:
        if not TENANT.fullmatch(tenant):
            raise ValueError("must be printable ASCII without blanks, at most 128 characters")
        return tenant

    @field_validator("bridge_pages")
    @classmethod
    def _pages_are_ids(cls, pages: str) -> str:
        if any(page.strip() and not PAGE_ID.fullmatch(page.strip()) for page in pages.split(",")):
            raise ValueError("must be ids of Facebook Pages, in digits, comma separated")
        return pages

    @field_validator("bridge_prefix")
    @classmethod
    def _prefix_is_a_path(cls, prefix: str) -> str:
        path = prefix.rstrip("/")
        if not PREFIX_PATH.fullmatch(path):
            raise ValueError("must be a path such as /facebook-connector")
        return path

    @field_validator("bridge_metrics_listen")
    @classmethod
    def _metrics_have_an_address(cls, listen: str) -> str:
        if listen:
            Address.parse(listen)
        return listen

    @field_validator("bridge_listen")
    @classmethod
    def _listener_has_an_address(cls, listen: str) -> str:
        Address.parse(listen)
        return listen

    @field_validator("bridge_subscription")
    @classmethod
    def _subscription_has_a_name(cls, name: str) -> str:
        if not SUBSCRIPTION_NAME.fullmatch(name):
            raise ValueError("must be 1 to 64 lower-case letters, digits and ._- beginning with a letter")
        return name

    @field_validator("bridge_kinds")
    @classmethod
    def _kinds_are_known(cls, kinds: str) -> str:
        if strange := sorted({name.strip().lower() for name in kinds.split(",")} - set(KINDS)):
            raise ValueError(f"{strange[0]!r} is none of {', '.join(KINDS)}")
        return kinds

    @field_validator("bridge_server_token", "bridge_operator_token", "bridge_token")
    @classmethod
    def _tokens_fit_a_header(cls, token: SecretStr) -> SecretStr:
        return fit_for_a_header(token)

    @field_validator("bridge_open")
    @classmethod
    def _openness_is_a_decision(cls, open_to_all: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 # pydantic's
        token: SecretStr = info.data.get("bridge_token", SecretStr("-"))
        listen = info.data.get("bridge_listen", "127.0.0.1:0")
        if not Address.parse(listen).loopback and not token.get_secret_value() and not open_to_all:
            raise ValueError(
                f"{listen} can be reached from other machines: set FBC_BRIDGE_TOKEN, or FBC_BRIDGE_OPEN=true where only"
                " CCM can reach it"
            )
        return open_to_all
