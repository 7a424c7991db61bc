from __future__ import annotations

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_pb2 as pb
from facebook_connector.delivery.profiles import (
    HOLD_MS,
    NEEDS,
    KnownProfile,
    Names,
    Need,
    is_to_be_asked,
    waits_until,
    with_names,
)

NOW_MS = 1_794_300_000_000
MESSAGE, REACTION, RECEIPT = pb.EVENT_KIND_MESSAGE, pb.EVENT_KIND_REACTION, pb.EVENT_KIND_RECEIPT


def known(*, asked: bool = False, hold_ms: int | None = None, fresh_ms: int = 0) -> KnownProfile:
    """Times count from now."""
    hold_until_ms = None if hold_ms is None else NOW_MS + hold_ms
    return KnownProfile(asked=asked, hold_until_ms=hold_until_ms, fresh_until_ms=NOW_MS + fresh_ms)


def test_every_kind_of_event_has_its_need() -> None:
    assert set(NEEDS) == set(pb.EventKind.values()) - {pb.EVENT_KIND_UNSPECIFIED}
    assert {kind for kind, need in NEEDS.items() if need is Need.WAIT} == {MESSAGE, pb.EVENT_KIND_CUSTOMER_EVENT}
    assert {kind for kind, need in NEEDS.items() if need is Need.ASK} == {REACTION}


@pytest.mark.parametrize(
    ("profile", "kinds", "asked"),
    [
        pytest.param(None, [MESSAGE], True, id="a new person writes"),
        pytest.param(None, [REACTION], True, id="a new person reacts"),
        pytest.param(None, [RECEIPT, MESSAGE], True, id="among other events"),
        pytest.param(None, [RECEIPT, pb.EVENT_KIND_STANDBY, pb.EVENT_KIND_FOREIGN_ECHO], False, id="no need"),
        pytest.param(None, [], False, id="nothing to deliver"),
        pytest.param(None, [99], False, id="a kind of a newer gateway"),
        pytest.param(known(fresh_ms=1), [MESSAGE], False, id="fresh"),
        pytest.param(known(fresh_ms=0), [MESSAGE], True, id="stale"),
        pytest.param(known(fresh_ms=0), [RECEIPT], False, id="stale, no need"),
        pytest.param(known(asked=True, fresh_ms=0), [MESSAGE], False, id="asked already"),
    ],
)
def test_a_profile_is_asked_for(profile: KnownProfile | None, kinds: list[int], asked: bool) -> None:
    assert is_to_be_asked(profile, kinds, NOW_MS) is asked


@pytest.mark.parametrize(
    ("profile", "wait_ms"),
    [
        pytest.param(None, HOLD_MS, id="a new person"),
        pytest.param(known(asked=True, hold_ms=700), 700, id="more of a new person"),
        pytest.param(known(asked=True, hold_ms=0), None, id="waited long enough"),
        pytest.param(known(asked=True), None, id="asked again"),
        pytest.param(known(fresh_ms=-1), None, id="stale"),
    ],
)
def test_only_what_a_new_person_says_waits(profile: KnownProfile | None, wait_ms: int | None) -> None:
    assert waits_until(profile, NOW_MS) == (None if wait_ms is None else NOW_MS + wait_ms)


def test_a_hold_is_over_within_two_seconds() -> None:
    assert HOLD_MS < 2_000


def a_message() -> CimMessage:
    message = CimMessage(id="cim-1")
    message.header.intent = "REPLY_TO"
    message.header.channel_data.channel_customer_identifier = "7001"
    message.body.type = "PLAIN"
    return message


@pytest.mark.parametrize("names", [Names(first="Ali", last="Raza"), Names(first="Ali"), Names(last="Raza")])
def test_names_stand_in_the_channel_data_beside_what_was_there(names: Names) -> None:
    expected = a_message()
    if names.first:
        expected.header.channel_data.customer_first_name = names.first
    if names.last:
        expected.header.channel_data.customer_last_name = names.last

    assert CimMessage.FromString(with_names(a_message().SerializeToString(), names)) == expected


def test_without_names_a_message_stays_as_it_is() -> None:
    content = a_message().SerializeToString()

    assert with_names(content, Names()) is content
