from __future__ import annotations

import typing

import pytest
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import inbound_pb2 as pb
from facebook_connector.delivery import frames
from facebook_connector.delivery.limits import Window
from facebook_connector.services import inbound_frames as wire


def test_every_frame_has_a_writer_or_needs_more_than_itself() -> None:
    assert set(wire.WRITERS) | {frames.Started, frames.Pong} == set(typing.get_args(frames.Frame))


def test_every_nack_reason_has_a_cause() -> None:
    assert set(wire.CAUSE_OF_REASON) == set(pb.NackReason.values())


@pytest.mark.parametrize(
    ("asked", "in_force"),
    [
        (pb.InboundWindow(), Window(messages=7, bytes=8)),
        (pb.InboundWindow(max_messages=1), Window(messages=1, bytes=8)),
        (pb.InboundWindow(max_bytes=1), Window(messages=7, bytes=1)),
        (pb.InboundWindow(max_messages=10_000, max_bytes=1 << 26), Window(messages=10_000, bytes=1 << 26)),
    ],
)
def test_what_a_window_does_not_set_stays(asked: pb.InboundWindow, in_force: Window) -> None:
    assert wire.read_window(asked, Window(messages=7, bytes=8)) == in_force


@pytest.mark.parametrize(
    ("nack", "delay_ms"),
    [
        (pb.InboundNack(), None),
        (pb.InboundNack(delay=Duration()), 0),
        (pb.InboundNack(delay=Duration(seconds=1, nanos=500_000_000)), 1_500),
        (pb.InboundNack(delay=Duration(seconds=600)), 600_000),
    ],
)
def test_a_delay_of_nothing_is_not_no_delay(nack: pb.InboundNack, delay_ms: int | None) -> None:
    assert wire.read_nack(nack).delay_ms == delay_ms


def test_durations_keep_their_milliseconds() -> None:
    assert wire.duration(1_500).ToMilliseconds() == 1_500


def test_a_closing_frame_without_a_delay_tells_not_to_come_back() -> None:
    closing = frames.Closing(reason=pb.CLOSING_REASON_REPLACED)

    assert not wire.closing_frame(closing).closing.HasField("reconnect_after")
