"""The sending half of ConnectorService: SendMessage, SendMessages, GetMessage.

It translates between the wire and the outbox and decides nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import connector_service_pb2 as pb
from expertflow.connector.v1.outbound_pb2 import SendOptions as WireOptions
from facebook_connector.errors import ConnectorError
from facebook_connector.outbox import messages as wire
from facebook_connector.outbox.outbox import Outbox
from facebook_connector.sending.request import SendOptions, read_options
from facebook_connector.services.send_stream import SendStream

Context = grpc.aio.ServicerContext[Any, Any]

ANSWER_MARGIN_MS = 500
"""A call answers so long before its deadline, so that the answer still arrives."""


class OutboundCalls:
    """Serves the sending RPCs from an `Outbox`."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def send_message(self, request: pb.SendMessageRequest, context: Context) -> pb.SendMessageResponse:
        """See `ConnectorService.SendMessage`. Raises `ConnectorError` and `StoreUnavailable` for the interceptor."""
        options = within_deadline(_options(request.message, request.options), context.time_remaining())
        return wire.response(await self._outbox.send(request.message, options))

    def send_messages(
        self, requests: AsyncIterator[pb.SendMessagesRequest], _context: Context
    ) -> AsyncIterator[pb.SendMessagesResponse]:
        """See `ConnectorService.SendMessages`. A stream's deadline says nothing about its single frames."""
        return SendStream(self._outbox).serve(requests)

    async def get_message(self, request: pb.GetMessageRequest, _context: Context) -> pb.GetMessageResponse:
        """See `ConnectorService.GetMessage`. Raises as `send_message`."""
        for field, fits in (
            ("id", bool(request.id) and "\0" not in request.id),
            ("page_id", "\0" not in request.page_id),
        ):
            if not fits:
                raise ConnectorError("INVALID_FIELD", f"{field} is missing or holds U+0000", metadata={"field": field})
        return wire.details(await self._outbox.get(request.id, request.page_id))


def _options(message: CimMessage, options: WireOptions) -> SendOptions:
    return read_options(options, message.header.sender.type)


def within_deadline(options: SendOptions, seconds_left: float | None) -> SendOptions:
    """The options with the wait cut to the call's deadline less a margin; None: the call has no deadline."""
    if seconds_left is None:
        return options
    longest_ms = max(0, int(seconds_left * 1000) - ANSWER_MARGIN_MS)
    return replace(options, wait_ms=min(options.wait_ms, longest_ms))
