"""Text that PostgreSQL cannot hold is refused in words, and on both engines alike."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import operations_service_pb2 as pb
from expertflow.connector.v1.channel_pb2 import Channel
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, ListChannelsRequest
from expertflow.connector.v1.operations_pb2 import DeadLetterFilter
from tests.support.operators import ANNA, Operators, refusal

ODD = "a\0b"
ALL = DeadLetterFilter(all=True)

Call = Callable[[Operators], Awaitable[object]]

NAMES: dict[str, Call] = {
    "delete": lambda to: to.operations.DeleteSubscription(pb.DeleteSubscriptionRequest(name=ODD), metadata=ANNA),
    "list": lambda to: to.operations.ListDeadLetters(pb.ListDeadLettersRequest(subscription=ODD), metadata=ANNA),
    "redrive": lambda to: to.operations.RedriveDeadLetters(
        pb.RedriveDeadLettersRequest(subscription=ODD, filter=ALL), metadata=ANNA
    ),
    "replay": lambda to: to.operations.ReplayInbound(
        pb.ReplayInboundRequest(subscription=ODD, start_time=Timestamp(seconds=1)), metadata=ANNA
    ),
}
REQUEST_IDS: dict[str, Call] = {
    "subscription": lambda to: to.operations.CreateSubscription(
        pb.CreateSubscriptionRequest(name="archive", request_id=ODD), metadata=ANNA
    ),
    "channel": lambda to: to.channels.CreateChannel(
        CreateChannelRequest(channel=Channel(page_id="1"), request_id=ODD), metadata=ANNA
    ),
    "erase": lambda to: to.operations.EraseCustomer(
        pb.EraseCustomerRequest(page_id="1", psid="2", request_id=ODD), metadata=ANNA
    ),
}


def token(last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([last, ""]).encode()).decode()


@pytest.mark.parametrize("call", NAMES.values(), ids=NAMES)
async def test_no_subscription_has_such_a_name(operators: Operators, call: Call) -> None:
    code, info = await refusal(call(operators))
    assert (code, info.reason) == ("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND")


@pytest.mark.parametrize("call", REQUEST_IDS.values(), ids=REQUEST_IDS)
async def test_no_call_is_named_so(operators: Operators, call: Call) -> None:
    code, info = await refusal(call(operators))
    assert (code, info.reason, info.metadata["field"]) == ("INVALID_ARGUMENT", "INVALID_FIELD", "request_id")


@pytest.mark.parametrize("last", [ODD, "\ud800"], ids=["nul", "half a character"])
async def test_no_page_begins_there(operators: Operators, last: str) -> None:
    for call in (
        operators.operations.ListSubscriptions(pb.ListSubscriptionsRequest(page_token=token(last)), metadata=ANNA),
        operators.channels.ListChannels(ListChannelsRequest(page_token=token(last)), metadata=ANNA),
    ):
        code, info = await refusal(call)
        assert (code, info.reason) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")
