"""The outbox as the services see it: send, look up, run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.outbox.acceptance import accept
from facebook_connector.outbox.conductor import Conductor, Rhythm
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.sending.offers import AcceptResult
from facebook_connector.sending.request import SendOptions, read_address
from facebook_connector.sending.values import (
    Lane,
    MessageKey,
    OutboundDetails,
    OutboundStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Where a message stands when its call ends."""

    status: OutboundStatus
    repeated: bool
    """The message had been accepted before."""


class Outbox:
    """Accepts messages from any number of calls at once; `run` sends them."""

    def __init__(self, context: OutboxContext, rhythm: Rhythm | None = None) -> None:
        self._context = context
        self._conductor = Conductor(context, rhythm or Rhythm())
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, then ends what is on its way; messages that wait stay in the store."""
        self._stop = stop
        try:
            await self._conductor.run(stop)
        finally:
            self._context.waiters.release()

    async def stopping(self) -> None:
        """Returns once `run` is told to stop."""
        await self._stop.wait()

    async def send(
        self, message: CimMessage, options: SendOptions, *, accepted: Callable[[], None] | None = None
    ) -> Sent:
        """Accepts the message and waits for its outcome as long as `options.wait_ms` says.

        `accepted` is called when the message is stored (not if it is refused). From then on the message goes out,
        whatever becomes of this call. Raises `ConnectorError`, or `StoreUnavailable`: then a repeat is safe.
        """
        if self._stop.is_set():
            raise ConnectorError("SERVER_DRAINING", "the server is stopping; repeat the call")
        address = read_address(message)
        key = MessageKey(page_id=address.page_id, cim_id=address.cim_id)
        with self._context.waiters.watch(key) as watch:
            acceptance = await accept(self._context, message, address, options, self._conductor.accept)
            repeated = acceptance.result is AcceptResult.REPEATED
            if accepted is not None:
                accepted()
            if acceptance.status.open and options.wait_ms > 0:
                await watch.closed(options.wait_ms / 1000)
            return Sent(status=watch.latest or acceptance.status, repeated=repeated)

    async def get(self, cim_id: str, page_id: str) -> OutboundDetails:
        """A message with its history. Raises `ConnectorError`: none, or an empty `page_id` that leaves it open."""
        found = await self._context.log.get(cim_id, page_id)
        if not found:
            raise ConnectorError(
                "MESSAGE_NOT_FOUND", "no accepted message has this id, or it is too old", metadata={"id": cim_id}
            )
        if len(found) > 1:
            violation = FieldViolation(field="page_id", description="several pages have a message with this id")
            raise ConnectorError(
                "INVALID_FIELD", violation.description, metadata={"field": "page_id"}, violations=(violation,)
            )
        return found[0]

    def settled(self) -> Mapping[tuple[str, str], int]:
        """See `OutboxContext.settled`."""
        return self._context.settled

    @property
    def lanes_active(self) -> int:
        """See `Conductor.lanes_active`."""
        return self._conductor.lanes_active

    @property
    def pages_owned(self) -> int:
        """See `Conductor.pages_owned`."""
        return self._conductor.pages_owned

    def accepted_elsewhere(self, page_id: str, psid: str) -> None:
        """Another server accepted a message; if the page is sent for here, it goes out."""
        if self._conductor.holds(page_id):
            self._conductor.wake(Lane(page_id=page_id, psid=psid))

    def queued_again(self, page_id: str, psid: str) -> None:
        """A message was put to the end of its lane, or what it waited for is decided."""
        self._conductor.wake(Lane(page_id=page_id, psid=psid))
        self._conductor.look()

    def channel_changed(self, _page_id: str) -> None:
        """A channel was changed: one that was stopped may send again."""
        self._conductor.look()

    def look(self) -> None:
        """Anything may have changed in the store."""
        self._conductor.look()
