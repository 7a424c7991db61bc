"""The client for CCM and other services that talk to facebook-connector: asyncio, typed, over gRPC.

    async with ConnectorClient("127.0.0.1:50051", token="...", client_id="ccm-1") as connector:
        async for received in connector.inbound("ccm"):
            print(received.ordering_key, received.message.body.markdown_text)
            await received.ack()

It reconnects, keeps leases alive while you work, and repeats sends that are safe to repeat. It knows the protos and
nothing of the server.
"""

from __future__ import annotations

from connector_client._client import ConnectorClient
from connector_client._compose import text_message
from connector_client._connection import Connection, Tls
from connector_client._enums import AckOutcome, EventKind, NackReason, SendOrigin, SendState
from connector_client._errors import ConnectorError, FieldViolation
from connector_client._inbound import Window
from connector_client._media import Medium
from connector_client._received import Received, Settlement
from connector_client._sending import SendOutcome

__all__ = [
    "AckOutcome",
    "Connection",
    "ConnectorClient",
    "ConnectorError",
    "EventKind",
    "FieldViolation",
    "Medium",
    "NackReason",
    "Received",
    "SendOrigin",
    "SendOutcome",
    "SendState",
    "Settlement",
    "Tls",
    "Window",
    "text_message",
]
