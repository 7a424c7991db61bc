from __future__ import annotations

from collections.abc import Mapping

import pytest

from expertflow.connector.v1.outbound_pb2 import (
    SEND_STATE_FAILED,
    SEND_STATE_READ,
    SEND_STATE_SENT,
    SEND_STATE_UNCERTAIN,
    SendState,
)
from tests.support.chaos.journal import Said
from tests.support.chaos.seen import Wrong, judge_replies

SAID = [Said(1, 1), Said(1, 2)]
BOTH_SENT = {Said(1, 1): SEND_STATE_SENT, Said(1, 2): SEND_STATE_READ}


def wrongs(seen: list[int], states: Mapping[Said, SendState]) -> set[Wrong]:
    return {fault.wrong for fault in judge_replies(SAID, {1: seen}, states)}


def test_what_is_seen_once_in_order_and_told_so_is_well() -> None:
    assert wrongs([1, 2], BOTH_SENT) == set()


@pytest.mark.parametrize(
    ("seen", "states", "wrong"),
    [
        ([1], BOTH_SENT, {Wrong.NEVER_SEEN, Wrong.UNTRUE}),
        ([1], {**BOTH_SENT, Said(1, 2): SEND_STATE_FAILED}, {Wrong.NEVER_SEEN}),
        ([1, 2, 1], BOTH_SENT, {Wrong.SEEN_TWICE}),
        ([2, 1], BOTH_SENT, {Wrong.OUT_OF_ORDER}),
        ([1, 2], {**BOTH_SENT, Said(1, 1): SEND_STATE_FAILED}, {Wrong.UNTRUE}),
        ([1, 2], {**BOTH_SENT, Said(1, 1): SEND_STATE_UNCERTAIN}, {Wrong.UNTRUE}),
        ([1], {**BOTH_SENT, Said(1, 2): SEND_STATE_UNCERTAIN}, {Wrong.NEVER_SEEN, Wrong.UNTRUE}),
        ([1, 2], {Said(1, 1): SEND_STATE_SENT}, {Wrong.NOT_FINAL}),
    ],
)
def test_a_broken_promise_is_seen(seen: list[int], states: Mapping[Said, SendState], wrong: set[Wrong]) -> None:
    assert wrongs(seen, states) == wrong
