from __future__ import annotations

from collections.abc import Callable

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.errors import ConnectorError
from facebook_connector.sending.values import MessageState
from tests.support.outbox_world import OutboxWorld, text_message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _comment(message: CimMessage) -> None:
    message.body.type = "COMMENT"
    message.body.comment.SetInParent()


def _generic(message: CimMessage) -> None:
    message.body.type = "GENERIC"
    message.body.generic.SetInParent()


@pytest.mark.parametrize(
    ("spoil", "reason", "field"),
    [
        (
            lambda message: message.header.channel_data.ClearField("channel_customer_identifier"),
            "INVALID_FIELD",
            "message.header.channel_data.channel_customer_identifier",
        ),
        (lambda message: setattr(message.body, "markdown_text", " "), "BODY_INVALID", "message.body.markdown_text"),
        (
            lambda message: setattr(message.body, "markdown_text", "https://a.example/" + "b" * 2000),
            "CONTENT_LIMIT_EXCEEDED",
            "message.body.markdown_text",
        ),
    ],
)
async def test_what_is_refused_names_its_field_and_leaves_nothing(
    world: OutboxWorld, spoil: Callable[[CimMessage], object], reason: str, field: str
) -> None:
    message = text_message("Hello")
    spoil(message)
    with pytest.raises(ConnectorError) as raised:
        await world.send(message)
    assert raised.value.reason == reason
    assert [violation.field for violation in raised.value.violations] == [field]
    with pytest.raises(ConnectorError, match="no accepted message"):
        await world.get()
    assert world.calls() == ()


@pytest.mark.parametrize(("spoil", "body_type"), [(_comment, "COMMENT"), (_generic, "GENERIC")])
async def test_a_body_without_a_form_in_messenger_is_accepted_and_fails_at_once(
    world: OutboxWorld, spoil: Callable[[CimMessage], object], body_type: str
) -> None:
    message = text_message("Hello")
    spoil(message)
    status = (await world.send(message)).status
    assert status.failure is not None
    assert (status.state, status.open, status.parts) == (MessageState.FAILED, False, ())
    assert (status.failure.reason, status.failure.metadata) == ("UNSUPPORTED_BODY", {"type": body_type})
    assert world.calls() == ()


async def test_the_past_of_such_a_message_can_be_read(world: OutboxWorld) -> None:
    message = text_message("Hello")
    _generic(message)
    sent = await world.send(message)
    found = await world.get()
    assert found.status == sent.status
    assert [(entry.part_index, entry.state, entry.detail) for entry in found.history] == [
        (None, "FAILED", "A body of type GENERIC cannot be sent to Messenger.")
    ]


async def test_such_a_message_is_recognised_and_lets_its_lane_go_on(world: OutboxWorld) -> None:
    message = text_message("Hello")
    _generic(message)
    await world.send(message)
    assert (await world.send(message)).repeated
    assert (await world.send(text_message("next", "out-2"))).status.state == MessageState.SENT


async def test_such_a_message_fails_for_its_body_also_when_the_window_is_closed(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=30 * 24 * 3_600_000)
    message = text_message("Hello")
    _generic(message)
    failure = (await world.send(message)).status.failure
    assert failure is not None
    assert failure.reason == "UNSUPPORTED_BODY"


async def test_an_unknown_channel_is_not_found(world: OutboxWorld) -> None:
    message = text_message("Hello")
    message.header.channel_data.service_identifier = "999"
    with pytest.raises(ConnectorError) as raised:
        await world.send(message)
    assert (raised.value.reason, raised.value.metadata) == ("CHANNEL_NOT_FOUND", {"page_id": "999"})


async def test_a_refused_message_may_be_sent_under_the_same_id_once_it_is_right(world: OutboxWorld) -> None:
    with pytest.raises(ConnectorError):
        await world.send(text_message(" "))
    assert (await world.send(text_message("Hello"))).status.state == "SENT"


async def test_a_repeat_is_recognised_although_the_channel_is_gone(world: OutboxWorld) -> None:
    await world.send(text_message("Hello"))
    await world.remove_channel()
    assert (await world.send(text_message("Hello"))).repeated


@pytest.mark.parametrize("reason", ["BODY_INVALID", "CONTENT_LIMIT_EXCEEDED"])
async def test_a_refusal_can_be_recorded_as_a_failure(world: OutboxWorld, reason: str) -> None:
    text = " " if reason == "BODY_INVALID" else "https://a.example/" + "b" * 2000
    sent = await world.send(text_message(text), record_refusals=True)
    again = await world.send(text_message(text), record_refusals=True)
    assert sent.status.failure is not None
    assert (sent.status.state, sent.status.open, sent.status.failure.reason) == (MessageState.FAILED, False, reason)
    assert again.status == sent.status
    assert world.calls() == ()


async def test_a_window_that_is_closed_can_be_recorded_too(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=7 * 24 * 3_600_000 + 60_000)
    failure = (await world.send(text_message("Hello"), record_refusals=True)).status.failure
    assert failure is not None
    assert failure.reason == "OUTSIDE_MESSAGING_WINDOW"
    assert failure.metadata["window_close_time"]


async def test_what_has_no_address_is_refused_however_it_is_asked(world: OutboxWorld) -> None:
    message = text_message("Hello")
    message.header.channel_data.ClearField("channel_customer_identifier")
    with pytest.raises(ConnectorError, match="lacks"):
        await world.send(message, record_refusals=True)
