"""How the server ends a stream: what it announces, which status follows, how long the client may still answer."""

from __future__ import annotations

from dataclasses import dataclass

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.frames import Closing
from facebook_connector.delivery.limits import CLOSING_GRACE_MS
from facebook_connector.errors import ConnectorError

RECONNECT_AFTER_MS = 1_000
"""By then another server, or this one started anew, should listen."""


@dataclass(slots=True, kw_only=True)
class Ending:
    """The end of a stream that has begun."""

    closing: Closing | None
    """Still to be announced; None once it was, or when the status alone says it."""
    error: ConnectorError
    end_ms: int
    """The latest moment; the end comes earlier once nothing is outstanding and all is answered."""


def failed(error: ConnectorError) -> Ending:
    """At once: the client misused the stream, or it could not be opened."""
    return Ending(closing=None, error=error, end_ms=0)


def replaced(subscription: str, client_id: str) -> Ending:
    """At once, because a newer stream has this client id and its leases; the client must not reconnect."""
    error = ConnectorError(
        "REPLACED",
        f"a newer stream of subscription {subscription} has the client id {client_id}; do not reconnect",
        metadata={"subscription": subscription, "client_id": client_id},
    )
    return Ending(closing=Closing(reason=inbound_pb2.CLOSING_REASON_REPLACED), error=error, end_ms=0)


def deleted(subscription: str) -> Ending:
    """At once, because there is nothing more to deliver; the client must not reconnect."""
    closing = Closing(reason=inbound_pb2.CLOSING_REASON_SUBSCRIPTION_DELETED)
    return Ending(closing=closing, error=not_found_error(subscription), end_ms=0)


def not_found_error(subscription: str) -> ConnectorError:
    """The answer to whoever names a subscription that does not exist."""
    return ConnectorError(
        "SUBSCRIPTION_NOT_FOUND",
        f"There is no subscription {subscription[:64]!r}.",
        metadata={"subscription": subscription[:64]},
    )


def draining(now_ms: int) -> Ending:
    """The server stops; the client may finish what it works on, for a while."""
    closing = Closing(reason=inbound_pb2.CLOSING_REASON_DRAINING, reconnect_after_ms=RECONNECT_AFTER_MS)
    return Ending(closing=closing, error=draining_error(), end_ms=now_ms + CLOSING_GRACE_MS)


def draining_error() -> ConnectorError:
    """The answer to whoever comes while the server stops."""
    return ConnectorError("SERVER_DRAINING", "the server is stopping", retry_delay_ms=RECONNECT_AFTER_MS)
