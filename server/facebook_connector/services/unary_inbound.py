"""PullInbound, Acknowledge and ModifyAckDeadline: each is a short stream of the inbox that has one answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import (
    AcknowledgeRequest,
    AcknowledgeResponse,
    ModifyAckDeadlineRequest,
    ModifyAckDeadlineResponse,
    PullInboundRequest,
    PullInboundResponse,
)
from facebook_connector.delivery.frames import Result
from facebook_connector.delivery.limits import DEFAULT_ACK_DEADLINE_MS, FRAME_BYTES, Range, Window
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.services import inbound_frames as wire

PULL_MESSAGES = Range(minimum=1, maximum=1_000)
DEFAULT_PULL_MESSAGES = 100

PULL_WAIT = Range(minimum=0, maximum=300_000, unit="s", scale=1000)

ANSWER_MARGIN_S = 0.5
"""So much before the deadline of a call it is answered."""

ANSWERS_ONLY = StreamOptions(client_id="", ack_deadline_ms=DEFAULT_ACK_DEADLINE_MS, window=Window(messages=1, bytes=1))
"""Of a call that sends answers and gets no message."""


async def pull(request: PullInboundRequest, inbox: Inbox, time_left_s: float | None) -> PullInboundResponse:
    """See `ConnectorService.PullInbound`. Raises `ConnectorError`."""
    subscription = await inbox.subscription(request.subscription)
    messages = DEFAULT_PULL_MESSAGES
    if request.HasField("max_messages"):
        messages = PULL_MESSAGES.check("max_messages", request.max_messages)
    wait_s = PULL_WAIT.check("wait", request.wait.ToMilliseconds()) / 1000
    if time_left_s is not None:
        wait_s = min(wait_s, max(0.0, time_left_s - ANSWER_MARGIN_S))
    options = wire.read_wishes(request, subscription, Window(messages=messages, bytes=FRAME_BYTES))
    response = PullInboundResponse()
    with closing(inbox.call(subscription, options)) as stream:
        for delivery in await stream.pull(wait_s):
            wire.write_received(response.messages.add(), delivery)
    return response


async def acknowledge(request: AcknowledgeRequest, inbox: Inbox) -> AcknowledgeResponse:
    """See `ConnectorService.Acknowledge`. Raises `ConnectorError`."""
    ids = wire.read_ids(request.ack_ids, "ack_ids")
    with closing(await _answering(request.subscription, inbox)) as stream:
        stream.acknowledge(ids)
        return AcknowledgeResponse(results=_in_order(ids, await stream.results()))


async def modify(request: ModifyAckDeadlineRequest, inbox: Inbox) -> ModifyAckDeadlineResponse:
    """See `ConnectorService.ModifyAckDeadline`. Raises `ConnectorError`."""
    ids = wire.read_ids(request.ack_ids, "ack_ids")
    change = request.WhichOneof("change")
    if change is None:
        problem = "exactly one of `extend` and `nack` must be set"
        raise ConnectorError(
            "INVALID_FIELD",
            problem,
            metadata={"field": "change"},
            violations=(FieldViolation(field="change", description=problem),),
        )
    extension_ms = wire.read_extension(request.extend, "extend") if change == "extend" else None
    given_back = wire.read_nack(request.nack)
    with closing(await _answering(request.subscription, inbox)) as stream:
        if extension_ms is not None:
            stream.extend(ids, extension_ms)
        else:
            stream.nack(ids, given_back)
        return ModifyAckDeadlineResponse(results=_in_order(ids, await stream.results()))


async def _answering(name: str, inbox: Inbox) -> InboundStream:
    return inbox.call(await inbox.subscription(name), ANSWERS_ONLY)


def _in_order(ids: Sequence[str], results: Sequence[Result]) -> list[inbound_pb2.AckResult]:
    """One result per id, as they stand in the request; an id that stands there twice has as many results."""
    by_id: dict[str, list[Result]] = {}
    for result in results:
        by_id.setdefault(result.ack_id, []).append(result)
    return wire.ack_results([by_id[ack_id].pop(0) for ack_id in ids])
