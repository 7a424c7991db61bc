"""Who may call what: the table RPC → roles, and the check of bearer tokens against it.

A method that does not stand in the table is refused, whoever calls; a test compares the table with the descriptors of
all services that the server registers.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from facebook_connector.errors import ConnectorError
from facebook_connector.settings import Role, Token

BEARER = "bearer "

ANYBODY = frozenset[Role]()
"""Not even a token is asked for."""

CCM = frozenset({Role.CCM})
GATEWAY = frozenset({Role.GATEWAY})
OPERATOR = frozenset({Role.OPERATOR})

_TABLE: Mapping[str, Mapping[str, frozenset[Role]]] = {
    "expertflow.connector.v1.ConnectorService": {
        "SendMessage": CCM,
        "SendMessages": CCM,
        "GetMessage": CCM,
        "RetryMessage": CCM,
        "StreamInbound": CCM,
        "PullInbound": CCM,
        "Acknowledge": CCM,
        "ModifyAckDeadline": CCM,
    },
    "expertflow.connector.v1.MediaService": {
        "ReadMedia": CCM | GATEWAY,
        "WriteMedia": CCM,
    },
    "expertflow.connector.v1.ThreadService": {
        "GetThreadOwner": CCM,
        "TakeThreadControl": CCM,
        "PassThreadControl": CCM,
        "ReleaseThreadControl": CCM,
        "RequestThreadControl": CCM,
        "ExtendThreadControl": CCM,
    },
    "expertflow.connector.v1.IngestService": {
        "IngestInbound": GATEWAY,
        "ListWebhookKeys": GATEWAY,
    },
    "expertflow.connector.v1.ChannelService": {
        "CreateChannel": OPERATOR,
        "GetChannel": OPERATOR,
        "ListChannels": OPERATOR,
        "UpdateChannel": OPERATOR,
        "DeleteChannel": OPERATOR,
        "SubscribeChannel": OPERATOR,
        "CheckChannel": OPERATOR,
        "GetMessengerProfile": OPERATOR,
        "UpdateMessengerProfile": OPERATOR,
    },
    "expertflow.connector.v1.OperationsService": {
        "CreateSubscription": OPERATOR,
        "ListSubscriptions": OPERATOR,
        "DeleteSubscription": OPERATOR,
        "ListQuarantine": OPERATOR,
        "Retranslate": OPERATOR,
        "ListDeadLetters": OPERATOR,
        "RedriveDeadLetters": OPERATOR,
        "DiscardDeadLetters": OPERATOR,
        "ReplayInbound": OPERATOR,
        "CancelMessages": OPERATOR,
        "ResolveMessage": OPERATOR,
        "EraseCustomer": OPERATOR,
        "GetStatistics": OPERATOR,
        "ListAuditEvents": OPERATOR,
    },
    "grpc.health.v1.Health": {
        "Check": ANYBODY,
        "List": ANYBODY,
        "Watch": ANYBODY,
    },
    "grpc.reflection.v1alpha.ServerReflection": {
        # The protos are public; whoever may call something may read how.
        "ServerReflectionInfo": frozenset(Role),
    },
    "grpc.channelz.v1.Channelz": {
        "GetTopChannels": OPERATOR,
        "GetServers": OPERATOR,
        "GetServer": OPERATOR,
        "GetServerSockets": OPERATOR,
        "GetChannel": OPERATOR,
        "GetSubchannel": OPERATOR,
        "GetSocket": OPERATOR,
    },
}

ROLES_OF_METHOD: Mapping[str, frozenset[Role]] = MappingProxyType(
    {f"/{service}/{method}": roles for service, methods in _TABLE.items() for method, roles in methods.items()}
)
"""Full method path → the roles of which a caller needs one."""

ANSWERS_WITH_SECRETS = frozenset({"/expertflow.connector.v1.IngestService/ListWebhookKeys"})
"""Answered only over TLS or to a caller on this machine."""


LOCAL_PEERS = ("ipv4:127.", "ipv6:[::1]", "ipv6:%5B::1%5D", "unix:")
"""How grpc writes the addresses of callers on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: the name of the token, and what it allows."""

    name: str
    roles: frozenset[Role]


ANONYMOUS = Caller(name="anonymous", roles=frozenset(Role))
"""Every caller of a server without tokens, which listens on a loopback address only."""


class Guard:
    """Decides who may call what. Without any token everybody may do everything."""

    def __init__(self, tokens: Mapping[Role, tuple[Token, ...]]) -> None:
        self._callers: dict[bytes, Caller] = {}
        for role, held in tokens.items():
            for token in held:
                self._learn(role, token)

    @property
    def open(self) -> bool:
        """Whether no token is configured at all."""
        return not self._callers

    def admit(self, method: str, authorization: str) -> Caller:
        """The caller, if the method (full path) is theirs to call.

        Raises `ConnectorError` TOKEN_MISSING, TOKEN_INVALID or ROLE_REQUIRED.
        """
        name = method.rpartition("/")[2]
        roles = ROLES_OF_METHOD.get(method)
        if roles == ANYBODY:
            return ANONYMOUS
        caller = ANONYMOUS if self.open else self._identify(name, authorization)
        if roles is None or not roles & caller.roles:
            needed = " or ".join(sorted(roles or ()))
            raise ConnectorError(
                "ROLE_REQUIRED",
                f"The token does not have the role {needed}, which {name} needs.",
                metadata={"method": name, "role": needed},
            )
        return caller

    def _identify(self, name: str, authorization: str) -> Caller:
        if authorization[: len(BEARER)].lower() != BEARER:
            raise ConnectorError(
                "TOKEN_MISSING",
                "The call needs the metadata `authorization: Bearer <token>`.",
                metadata={"method": name},
            )
        presented, found = _digest(authorization[len(BEARER) :].strip()), None
        # Every token is compared, in constant time: how long it takes says nothing about which one came close.
        for digest, caller in self._callers.items():
            if hmac.compare_digest(digest, presented):
                found = caller
        if found is None:
            raise ConnectorError(
                "TOKEN_INVALID", "The bearer token is none of the configured ones.", metadata={"method": name}
            )
        return found

    def _learn(self, role: Role, token: Token) -> None:
        digest = _digest(token.value)
        known = self._callers.get(digest)
        roles = frozenset({role}) | (known.roles if known else frozenset())
        self._callers[digest] = Caller(name=known.name if known else token.name, roles=roles)


def require_safe_transport(method: str, peer: str, *, encrypted: bool) -> None:
    """Raises `ConnectorError` TRANSPORT_NOT_SECURE if secrets would leave this machine in the clear."""
    if method not in ANSWERS_WITH_SECRETS or encrypted or peer.startswith(LOCAL_PEERS):
        return
    name = method.rpartition("/")[2]
    raise ConnectorError(
        "TRANSPORT_NOT_SECURE",
        f"{name} answers with secrets: only over TLS or to a caller on the same machine.",
        metadata={"method": name},
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
