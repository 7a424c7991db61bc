from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import thread_service_pb2 as pb
from facebook_connector.errors import ConnectorError
from facebook_connector.threads.wishes import LONGEST_CONTROL_S, LONGEST_METADATA, NOBODY, WISHES, wish_of

OWN = "555000111222333"
INBOX = "263902037430900"
PSID = "7001002003004005"


def test_every_call_that_goes_to_facebook_has_a_row() -> None:
    methods = pb.DESCRIPTOR.services_by_name["ThreadService"].methods
    assert {method.input_type for method in methods if method.name != "GetThreadOwner"} == {
        request.DESCRIPTOR for request in WISHES
    }


@pytest.mark.parametrize(
    ("request_", "edge", "owner", "content"),
    [
        (pb.TakeThreadControlRequest(psid=PSID, metadata="vip"), "take", OWN, {"metadata": "vip"}),
        (pb.PassThreadControlRequest(psid=PSID, target_app_id=INBOX), "pass", INBOX, {"target_app_id": INBOX}),
        (pb.ReleaseThreadControlRequest(psid=PSID), "release", NOBODY, {}),
        (pb.RequestThreadControlRequest(psid=PSID), "request", None, {}),
        (pb.ExtendThreadControlRequest(psid=PSID, duration=Duration(seconds=60)), "extend", OWN, {"duration": 60}),
    ],
)
def test_what_each_call_asks(request_: Any, edge: str, owner: str | None, content: dict[str, Any]) -> None:
    wish = wish_of(request_, OWN)
    assert (wish.edge, wish.owner, wish.content) == (f"{edge}_thread_control", owner, content)


@pytest.mark.parametrize(
    ("request_", "so_for", "not_for"),
    [
        (pb.TakeThreadControlRequest(psid=PSID), {OWN}, {INBOX, NOBODY}),
        (pb.PassThreadControlRequest(psid=PSID, target_app_id=INBOX), {INBOX}, {OWN, NOBODY}),
        (pb.ReleaseThreadControlRequest(psid=PSID), {NOBODY}, {OWN, INBOX}),
        (pb.RequestThreadControlRequest(psid=PSID), set(), {OWN, INBOX, NOBODY}),
        (pb.ExtendThreadControlRequest(psid=PSID, duration=Duration(seconds=60)), set(), {OWN, INBOX, NOBODY}),
    ],
)
def test_when_a_refusal_changes_nothing(request_: Any, so_for: set[str], not_for: set[str]) -> None:
    wish = wish_of(request_, OWN)
    assert {owner for owner in (OWN, INBOX, NOBODY) if wish.is_so(owner)} == so_for
    assert not any(wish.is_so(owner) for owner in not_for)


def test_without_an_id_of_ones_own_nobody_is_not_taken_for_it() -> None:
    assert not wish_of(pb.TakeThreadControlRequest(psid=PSID), "").is_so(NOBODY)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.TakeThreadControlRequest(), "psid"),
        (pb.ReleaseThreadControlRequest(psid="Amina"), "psid"),
        (pb.PassThreadControlRequest(psid=PSID), "target_app_id"),
        (pb.PassThreadControlRequest(psid=PSID, target_app_id="inbox"), "target_app_id"),
        (pb.TakeThreadControlRequest(psid=PSID, metadata="x" * (LONGEST_METADATA + 1)), "metadata"),
        (pb.ExtendThreadControlRequest(psid=PSID), "duration"),
        (pb.ExtendThreadControlRequest(psid=PSID, duration=Duration(seconds=LONGEST_CONTROL_S + 1)), "duration"),
    ],
)
def test_what_is_refused_before_any_call(request_: Any, field: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        wish_of(request_, OWN)
    assert raised.value.metadata["field"] == field
    assert [violation.field for violation in raised.value.violations] == [field]


def test_the_longest_is_taken() -> None:
    longest = Duration(seconds=LONGEST_CONTROL_S)
    assert wish_of(pb.ExtendThreadControlRequest(psid=PSID, duration=longest), OWN).lasts_ms == LONGEST_CONTROL_S * 1000
    assert wish_of(pb.TakeThreadControlRequest(psid=PSID, metadata="x" * LONGEST_METADATA), OWN).content
