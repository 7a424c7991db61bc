"""The frames of the inbound stream between the wire and the values of `delivery`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import NackChange, PullInboundRequest, StreamInboundResponse
from facebook_connector.delivery import frames, limits
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.redelivery import Cause, NotDone
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import Subscription
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.timestamps import timestamp, write_time

CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
MAX_IDS = 10_000
"""Most ack ids in one frame."""
MAX_PAGES = 1_000
MAX_NONCE = 128
MAX_DETAIL = 1024
"""Longer details are cut."""

CAUSE_OF_REASON: Mapping[int, Cause] = MappingProxyType(
    {
        pb.NACK_REASON_UNSPECIFIED: Cause.UNAVAILABLE,
        pb.NACK_REASON_UNAVAILABLE: Cause.UNAVAILABLE,
        pb.NACK_REASON_REJECTED: Cause.REJECTED,
    }
)


def read_options(start: pb.InboundStart, subscription: Subscription) -> StreamOptions:
    """Raises `ConnectorError` INVALID_FIELD or LIMIT_OUT_OF_RANGE."""
    _check(len(start.held_ack_ids) <= MAX_IDS, "start.held_ack_ids", f"has more than {MAX_IDS} entries")
    window = read_window(start.window, Window(), "start.window")
    options = read_wishes(start, subscription, window, "start.")
    return replace(options, held_ack_ids=tuple(start.held_ack_ids))


def read_wishes(
    wishes: pb.InboundStart | PullInboundRequest, subscription: Subscription, window: Window, path: str = ""
) -> StreamOptions:
    """What a stream and a pull have in common. Raises `ConnectorError` INVALID_FIELD or LIMIT_OUT_OF_RANGE."""
    rule = "must be 1 to 128 of A-Z a-z 0-9 . _ : -"
    _check(bool(CLIENT_ID.fullmatch(wishes.client_id)), f"{path}client_id", rule)
    _check(len(wishes.page_ids) <= MAX_PAGES, f"{path}page_ids", f"has more than {MAX_PAGES} entries")
    foreign = set(wishes.kinds) - subscription.kinds
    _check(not foreign, f"{path}kinds", "names a kind that the subscription does not have")
    deadline_ms = limits.DEFAULT_ACK_DEADLINE_MS
    if wishes.HasField("ack_deadline"):
        deadline_ms = limits.ACK_DEADLINE.check(f"{path}ack_deadline", wishes.ack_deadline.ToMilliseconds())
    return StreamOptions(
        client_id=wishes.client_id,
        ack_deadline_ms=deadline_ms,
        window=window,
        page_ids=frozenset(wishes.page_ids),
        kinds=frozenset(wishes.kinds),
    )


def read_window(window: pb.InboundWindow, present: Window, path: str = "window") -> Window:
    """What is not set stays as it is. Raises `ConnectorError` LIMIT_OUT_OF_RANGE."""
    messages, size = present.messages, present.bytes
    if window.HasField("max_messages"):
        messages = limits.WINDOW_MESSAGES.check(f"{path}.max_messages", window.max_messages)
    if window.HasField("max_bytes"):
        size = limits.WINDOW_BYTES.check(f"{path}.max_bytes", window.max_bytes)
    return Window(messages=messages, bytes=size)


def read_ids(ack_ids: Sequence[str], path: str) -> Sequence[str]:
    """Raises `ConnectorError` INVALID_FIELD unless there are 1 to `MAX_IDS`."""
    _check(0 < len(ack_ids) <= MAX_IDS, path, f"must have 1 to {MAX_IDS} entries")
    return ack_ids


def read_extension(duration: Duration, path: str) -> int:
    """Milliseconds. Raises `ConnectorError` LIMIT_OUT_OF_RANGE."""
    return limits.ACK_DEADLINE.check(path, duration.ToMilliseconds())


def read_nack(nack: pb.InboundNack | NackChange) -> NotDone:
    """Raises `ConnectorError` LIMIT_OUT_OF_RANGE."""
    delay_ms = None
    if nack.HasField("delay"):
        delay_ms = limits.NACK_DELAY.check("nack.delay", nack.delay.ToMilliseconds())
    return NotDone(
        cause=CAUSE_OF_REASON.get(nack.reason, Cause.UNAVAILABLE),
        delay_ms=delay_ms,
        # PostgreSQL stores no NUL.
        detail=nack.detail[:MAX_DETAIL].replace("\0", "\ufffd"),
    )


def read_nonce(ping: pb.InboundPing) -> str:
    """Raises `ConnectorError` INVALID_FIELD."""
    _check(len(ping.nonce) <= MAX_NONCE, "ping.nonce", f"has more than {MAX_NONCE} characters")
    return ping.nonce


def messages_frame(frame: frames.Messages) -> StreamInboundResponse:
    """The frame that delivers."""
    response = StreamInboundResponse()
    for delivery in frame.deliveries:
        write_received(response.messages.messages.add(), delivery)
    return response


def results_frame(frame: frames.Results) -> StreamInboundResponse:
    """The frame that answers ack ids."""
    return StreamInboundResponse(results=pb.InboundResults(results=ack_results(frame.results)))


def pong_frame(frame: frames.Pong, now_ms: int) -> StreamInboundResponse:
    """The frame that answers a ping."""
    return StreamInboundResponse(pong=pb.InboundPong(nonce=frame.nonce, server_time=timestamp(now_ms)))


def closing_frame(frame: frames.Closing) -> StreamInboundResponse:
    """The frame that announces the end."""
    closing = pb.InboundClosing(reason=cast("pb.ClosingReason", frame.reason))
    if frame.reconnect_after_ms is not None:
        closing.reconnect_after.CopyFrom(duration(frame.reconnect_after_ms))
    return StreamInboundResponse(closing=closing)


def ack_results(results: Sequence[frames.Result]) -> list[pb.AckResult]:
    """Results as the wire has them."""
    return [pb.AckResult(ack_id=result.ack_id, outcome=cast("pb.AckOutcome", result.outcome)) for result in results]


def duration(milliseconds: int) -> Duration:
    """Milliseconds as protobuf's type."""
    return Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def write_received(received: pb.ReceivedMessage, delivery: frames.Delivery) -> None:
    """Fills a message as it is delivered."""
    head = delivery.head
    received.ack_id = delivery.ack_id
    received.message.ParseFromString(head.message)
    received.ordering_key = head.ordering_key
    received.kind = cast("pb.EventKind", head.kind)
    received.origin = cast("pb.DeliveryOrigin", head.origin)
    received.delivery_attempt = head.token.attempt
    write_time(received.ack_deadline_time, delivery.deadline_ms)
    write_time(received.store_time, head.store_time_ms)
    received.late = head.late
    received.tenant_id = head.tenant_id
    received.context.ParseFromString(head.context)


def _check(holds: object, field: str, problem: str) -> None:
    if not holds:
        raise ConnectorError(
            "INVALID_FIELD",
            f"{field} {problem}",
            metadata={"field": field},
            violations=(FieldViolation(field=field, description=problem),),
        )


WRITERS: Mapping[type[Any], Callable[..., StreamInboundResponse]] = MappingProxyType(
    {
        frames.Messages: messages_frame,
        frames.Results: results_frame,
        frames.Closing: closing_frame,
    }
)
"""How each frame is written that needs nothing but itself; `started` and `pong` need more."""
