from __future__ import annotations

import pytest

from connector_client import NackReason
from connector_client._actions import Ack, Action, Extend, Nack, frames


def test_many_acks_share_one_frame() -> None:
    (frame,) = frames([("a", Ack()), ("b", Ack())])

    assert list(frame.ack.ack_ids) == ["a", "b"]


def test_a_frame_holds_at_most_what_the_contract_allows() -> None:
    sizes = [len(frame.ack.ack_ids) for frame in frames((str(number), Ack()) for number in range(10_001))]

    assert sizes == [10_000, 1]


def test_nacks_with_other_words_travel_apart() -> None:
    busy, poison = Nack(reason=NackReason.UNAVAILABLE), Nack(reason=NackReason.REJECTED, delay=1.5, detail="no such")

    first, second = frames([("a", busy), ("b", poison), ("c", busy)])

    assert (list(first.nack.ack_ids), first.nack.reason, first.nack.HasField("delay")) == (["a", "c"], 1, False)
    assert (list(second.nack.ack_ids), second.nack.reason, second.nack.detail) == (["b"], 2, "no such")
    assert second.nack.delay.ToMilliseconds() == 1500


def test_an_extension_carries_its_duration() -> None:
    (frame,) = frames([("a", Extend(seconds=42.5))])

    assert (list(frame.extend.ack_ids), frame.extend.duration.ToMilliseconds()) == (["a"], 42_500)


def test_a_long_detail_is_cut_to_what_the_contract_allows() -> None:
    (frame,) = frames([("a", Nack(reason=NackReason.REJECTED, detail="x" * 2000))])

    assert len(frame.nack.detail) == 1024


def test_half_a_character_in_a_detail_does_not_end_the_stream() -> None:
    (frame,) = frames([("a", Nack(reason=NackReason.REJECTED, detail="cut here \ud83d"))])

    assert frame.nack.detail == "cut here ?"


@pytest.mark.parametrize("seconds", [9.9, 600.1, -1.0])
def test_an_extension_that_would_end_the_stream_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="10 to 600"):
        Extend(seconds=seconds)


@pytest.mark.parametrize("delay", [-0.1, 600.1])
def test_a_delay_that_would_end_the_stream_is_refused(delay: float) -> None:
    with pytest.raises(ValueError, match="0 to 600"):
        Nack(reason=NackReason.REJECTED, delay=delay)


def test_limits_themselves_are_allowed() -> None:
    allowed: list[Action] = [
        Extend(seconds=10.0),
        Extend(seconds=600.0),
        Nack(reason=NackReason.UNAVAILABLE, delay=0.0),
        Nack(reason=NackReason.UNAVAILABLE, delay=600.0),
    ]

    assert len(list(frames((str(number), action) for number, action in enumerate(allowed)))) == 4
