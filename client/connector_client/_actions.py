"""What can be done with a lease, and the frames in which it travels: many ack ids with the same wish share one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from connector_client._enums import NackReason
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest

# Limits of the contract. Breaking one of them ends the whole stream, so they are checked before anything is sent.
MAX_IDS_PER_FRAME = 10_000
MAX_DELAY_S = 600.0
MIN_EXTENSION_S = 10.0
MAX_EXTENSION_S = 600.0
MAX_DETAIL = 1024


@dataclass(frozen=True, slots=True)
class Ack:
    """The message is processed."""

    def frame(self, ack_ids: list[str]) -> StreamInboundRequest:
        """The frame that asks it for all of these."""
        return StreamInboundRequest(ack=inbound_pb2.InboundAck(ack_ids=ack_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nack:
    """The message shall come again, after `delay` seconds or (None) the server's backoff."""

    reason: NackReason
    delay: float | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if self.delay is not None and not 0 <= self.delay <= MAX_DELAY_S:
            raise ValueError(f"delay must be 0 to {MAX_DELAY_S:g} seconds, not {self.delay:g}")

    def frame(self, ack_ids: list[str]) -> StreamInboundRequest:
        """As `Ack.frame`."""
        delay = None if self.delay is None else duration(self.delay)
        nack = inbound_pb2.InboundNack(
            ack_ids=ack_ids,
            reason=inbound_pb2.NackReason.Name(self.reason.value),
            delay=delay,
            # Half a surrogate pair may stand in what others say: it cannot travel, and must not end the stream.
            detail=self.detail[:MAX_DETAIL].encode("utf-8", "replace").decode(),
        )
        return StreamInboundRequest(nack=nack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """The lease shall last `seconds` from now."""

    seconds: float

    def __post_init__(self) -> None:
        if not MIN_EXTENSION_S <= self.seconds <= MAX_EXTENSION_S:
            raise ValueError(
                f"an extension must be {MIN_EXTENSION_S:g} to {MAX_EXTENSION_S:g} seconds, not {self.seconds:g}"
            )

    def frame(self, ack_ids: list[str]) -> StreamInboundRequest:
        """As `Ack.frame`."""
        return StreamInboundRequest(extend=inbound_pb2.InboundExtend(ack_ids=ack_ids, duration=duration(self.seconds)))


Action = Ack | Nack | Extend


def frames(wishes: Iterable[tuple[str, Action]]) -> Iterator[StreamInboundRequest]:
    """Puts equal actions into one frame each, in the order in which they were first wished."""
    grouped: dict[Action, list[str]] = {}
    for ack_id, action in wishes:
        grouped.setdefault(action, []).append(ack_id)
    for action, ack_ids in grouped.items():
        for start in range(0, len(ack_ids), MAX_IDS_PER_FRAME):
            yield action.frame(ack_ids[start : start + MAX_IDS_PER_FRAME])


def duration(seconds: float) -> Duration:
    """Seconds as protobuf has them."""
    message = Duration()
    message.FromNanoseconds(round(seconds * 1_000_000_000))
    return message
