"""The client itself: opens the connection and hands out what can be done over it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterable
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from connector_client import _media
from connector_client._actions import duration
from connector_client._connection import DEFAULT_TIMEOUT_S, Connection, Tls
from connector_client._enums import EventKind, SendOrigin
from connector_client._inbound import InboundStream, Window
from connector_client._media import MEDIA_TIMEOUT_S, Medium
from connector_client._received import Received
from connector_client._repeat import Repeats, repeated
from connector_client._sending import Messages, SendingStream, SendOutcome, send_options
from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import (
    GetMessageRequest,
    GetMessageResponse,
    SendMessageRequest,
    SendMessageResponse,
)
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.media_service_pb2 import MediaHeader, WriteMediaResponse

if TYPE_CHECKING:
    # Known to type checkers only.
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub

SERVER_WAIT_S = 10.0
"""How long the server waits for an outcome of a send unless told otherwise."""


class ConnectorClient:
    """A connection of one consumer process to the connector.

        async with ConnectorClient("connector:50051", token="...", tls=Tls(ca="ca.pem"), client_id="ccm-1") as client:
            async for received in client.inbound("ccm"):
                await handle(received.message)
                await received.ack()

    `client_id` names this process to the server, 1 to 128 characters out of letters, digits and `._:-`. Keep it over
    restarts and give every parallel process its own: a second stream under it throws the first one out. None makes up
    a new one. Another machine is reached over TLS only, unless `insecure` says that plain text will do.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        client_id: str | None = None,
        tls: Tls | None = None,
        insecure: bool = False,
    ) -> None:
        self.client_id = client_id or f"python-{uuid.uuid4().hex}"
        self._address = address
        self._token = token
        self._tls = tls
        self._insecure = insecure
        self._repeats = Repeats()
        self._streams: WeakSet[InboundStream] = WeakSet()
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        """Opens the channel; the first call connects it. Raises as `Connection.open` does."""
        self._connection = Connection.open(self._address, token=self._token, tls=self._tls, insecure=self._insecure)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Gives back what inbound streams still hold, and closes."""
        try:
            await asyncio.gather(*(stream.close() for stream in self._streams))
        finally:
            connection, self._connection = self.connection, None
            await connection.close()

    @property
    def connection(self) -> Connection:
        """The channel, for stubs this client does not wrap. Raises RuntimeError outside of `async with`."""
        if self._connection is None:
            raise RuntimeError("use the client inside `async with ConnectorClient(...)`")
        return self._connection

    def inbound(
        self,
        subscription: str,
        *,
        page_ids: Iterable[str] = (),
        kinds: Iterable[EventKind] = (),
        ack_deadline: float | None = None,
        window: Window | None = None,
    ) -> AsyncGenerator[Received, None]:
        """Yields messages in order per conversation, as long as you iterate.

        Reconnects by itself. While you work on a message its lease is extended, for up to an hour. Leaving the loop
        gives back at once what you have neither acked nor nacked. `page_ids` and `kinds` choose; empty: all.
        `ack_deadline` (10 to 600 seconds, default 30) is how soon others get your messages if this process dies.

        Raises `ConnectorError` where reconnecting is no use: `SUBSCRIPTION_NOT_FOUND`, `REPLACED` (another process
        uses the client id), a refused token, a bad argument.
        """
        start = inbound_pb2.InboundStart(
            subscription=subscription,
            client_id=self.client_id,
            page_ids=page_ids,
            kinds=[inbound_pb2.EventKind.Name(kind.value) for kind in kinds],
            ack_deadline=None if ack_deadline is None else duration(ack_deadline),
            window=None if window is None else _window(window),
        )
        connection, stub = self.connection, self._stub
        stream = InboundStream(lambda: stub.StreamInbound(metadata=connection.metadata), start)
        self._streams.add(stream)
        return stream.messages()

    async def send(  # noqa: PLR0913 # one for each option of the contract
        self,
        message: message_pb2.CimMessage,
        *,
        wait: float | None = None,
        ttl: float | None = None,
        origin: SendOrigin = SendOrigin.UNSPECIFIED,
        record_refusals: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 # the server learns it as the call's deadline
    ) -> SendMessageResponse:
        """Sends one message; returns when its outcome is known or `wait` seconds (default 10) are over.

        The message is accepted durably and sent once, however often this is repeated with the same `message.id`; so
        while the server cannot be reached it is repeated, `timeout` seconds in all (default: 20 beyond `wait`). What
        Facebook refused is no error: look at `SendState(response.state)` and `response.failure`. After `ttl` seconds
        the message is not sent any more. With `record_refusals` a message that is refused for its content, its window
        or its media is no error either, but accepted and FAILED, and told on the inbound stream.

        Raises `ConnectorError` when it was not accepted (see `reason`) or when that could not be found out.
        """
        options = send_options(wait=wait, ttl=ttl, origin=origin, record_refusals=record_refusals)
        request = SendMessageRequest(message=message, options=options)
        connection, stub = self.connection, self._stub
        return await repeated(
            lambda left: connection.call(stub.SendMessage, request, timeout=left),
            seconds=timeout or DEFAULT_TIMEOUT_S + (SERVER_WAIT_S if wait is None else wait),
            repeats=self._repeats,
        )

    def send_many(
        self,
        messages: Messages,
        *,
        wait: float | None = None,
        ttl: float | None = None,
        origin: SendOrigin = SendOrigin.UNSPECIFIED,
    ) -> AsyncGenerator[SendOutcome, None]:
        """Sends all messages over one call and yields their outcomes as they become known, in any order.

        Messages to one customer keep their order. A refused one is an outcome with `error`; the others go on. A
        broken call is repeated without sending anything twice.

        Raises `ConnectorError` if the server stays away for a minute or refuses the call itself.
        """
        connection, stub = self.connection, self._stub
        stream = SendingStream(lambda: stub.SendMessages(metadata=connection.metadata), self._repeats)
        return stream.outcomes(messages, send_options(wait=wait, ttl=ttl, origin=origin))

    async def get_message(self, message_id: str, *, page_id: str = "") -> GetMessageResponse:
        """State and history of a sent message. `page_id` is needed only if the id was used for several pages.

        Raises `ConnectorError`, for an unknown one `MESSAGE_NOT_FOUND`.
        """
        request = GetMessageRequest(id=message_id, page_id=page_id)
        connection, stub = self.connection, self._stub
        return await repeated(
            lambda left: connection.call(stub.GetMessage, request, timeout=left),
            seconds=DEFAULT_TIMEOUT_S,
            repeats=self._repeats,
        )

    async def write_media(
        self,
        data: bytes,
        *,
        file_name: str,
        mime_type: str = "",
        timeout: float = MEDIA_TIMEOUT_S,  # noqa: ASYNC109 # the server learns it as the call's deadline
    ) -> WriteMediaResponse:
        """Stores a file to be sent: put the answer's `media_url` into `Attachment.media_url` of a message.

        `file_name` is what the customer sees. `mime_type` counts only where the bytes do not tell. A repeat stores
        nothing twice, so it is repeated while the server cannot be reached, `timeout` seconds in all.

        Raises `ConnectorError`, for more than 25 000 000 bytes `MEDIA_TOO_LARGE`.
        """
        connection = self.connection
        return await repeated(
            lambda left: _media.write(connection, data, MediaHeader(file_name=file_name, mime_type=mime_type), left),
            seconds=timeout,
            repeats=self._repeats,
        )

    async def read_media(
        self,
        media_id: str,
        *,
        timeout: float = MEDIA_TIMEOUT_S,  # noqa: ASYNC109 # as above
    ) -> Medium:
        """Reads a whole medium by the last segment of its `media_url`.

        While the server cannot be reached, or is still fetching the medium, it is repeated, `timeout` seconds in all.

        Raises `ConnectorError`: `MEDIA_NOT_FOUND`, or `MEDIA_FAILED` when there are no bytes and never will be.
        """
        connection = self.connection
        return await repeated(
            lambda left: _media.read(connection, media_id, left), seconds=timeout, repeats=self._repeats
        )

    @property
    def _stub(self) -> ConnectorServiceAsyncStub:
        return ConnectorServiceStub(self.connection.channel)


def _window(window: Window) -> inbound_pb2.InboundWindow:
    return inbound_pb2.InboundWindow(max_messages=window.max_messages, max_bytes=window.max_bytes)
