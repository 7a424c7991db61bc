from __future__ import annotations

import json
from typing import Any

import pytest

from expertflow.cim.v1 import notification_pb2
from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.errors import ConnectorError
from facebook_connector.sending.values import MessageState
from messenger_sandbox.journal import Entry, EntryKind, Filter
from tests.support.outbound_fixtures import Case, cases
from tests.support.outbox_world import OutboxWorld, text_message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DAY_MS = 24 * 3_600_000
CONTENTS = ("text", "attachment", "attachments", "sticker_id", "template")


def parts_of(case: Case) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(case.expected.read_text()).get("parts", [])
    return parts


def holds_media(part: dict[str, Any]) -> bool:
    """Whether somebody would have to fetch a file for it: we, or Facebook for a raw message."""
    return (
        "media" in part
        or "attachments" in part["message"]
        or part["message"].get("attachment", {}).get("type") == "image"
    )


def content(message: dict[str, Any]) -> tuple[Any, list[str]]:
    """What the customer sees of a message: its content, and the titles of its quick replies."""
    replies = [reply.get("title", "") for reply in message.get("quick_replies", ())]
    return next(message[key] for key in CONTENTS if key in message), replies


def shown(entry: Entry) -> tuple[Any, list[str]]:
    body = entry.details["body"]
    return entry.details["text"] if body is None else body, list(entry.details["quick_replies"])


async def test_every_body_without_media_goes_out_as_rendered(world: OutboxWorld) -> None:
    await world.allow_custom()
    sendable = [case for case in cases() if parts_of(case) and not any(map(holds_media, parts_of(case)))]
    for case in sendable:
        message = case.message
        message.id = f"{case.row}/{case.name}"
        before = len(world.taken())
        status = (await world.send(message)).status
        assert (case.name, status.state, status.failure) == (case.name, MessageState.SENT, None)
        if case.row == "custom.customer_feedback":
            continue  # The question's id holds the id of the message, which is another one here.
        assert [shown(entry) for entry in world.taken()[before:]] == [
            content(part["message"]) for part in parts_of(case)
        ]
    assert {case.row for case in sendable} >= {"button.button", "carousel.generic", "receipt", "template", "custom.raw"}


async def test_a_template_is_sent_as_utility_long_after_the_window(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=30 * DAY_MS)
    message = text_message("", sender="BOT")
    message.body.Clear()
    message.body.type = "TEMPLATE"
    message.body.template.name = "order_shipped"
    message.body.template.language.code = "en_US"
    assert (await world.send(message)).status.state == MessageState.SENT
    (taken,) = world.taken()
    assert (taken.details["messaging_type"], taken.details["tag"]) == ("UTILITY", None)


async def test_a_sticker_is_refused_after_a_day_though_a_text_may_go(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=2 * DAY_MS)
    message = text_message("")
    message.body.Clear()
    message.body.type = "STICKER"
    message.body.sticker.sticker_id = "369239263222822"
    with pytest.raises(ConnectorError) as raised:
        await world.send(message)
    assert raised.value.reason == "OUTSIDE_MESSAGING_WINDOW"
    assert world.calls() == ()


async def test_a_raw_message_needs_the_channels_permission(world: OutboxWorld) -> None:
    with pytest.raises(ConnectorError) as raised:
        await world.send(custom({"text": "Hi"}))
    assert (raised.value.reason, raised.value.status) == ("CUSTOM_NOT_ALLOWED", "FAILED_PRECONDITION")
    assert raised.value.metadata["page_id"] == text_message("").header.channel_data.service_identifier


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (notification_pb2.NOTIFICATION_TYPE_TYPING_STARTED, "typing_on"),
        (notification_pb2.NOTIFICATION_TYPE_TYPING_STOPPED, "typing_off"),
    ],
)
async def test_typing_is_shown(world: OutboxWorld, kind: notification_pb2.NotificationType, action: str) -> None:
    status = (await world.send(typing(kind))).status
    assert (status.state, status.open, status.parts) == (MessageState.SENT, False, ())
    assert [entry.details["action"] for entry in actions(world)] == [action]


async def test_a_read_notification_marks_the_conversation_as_seen(world: OutboxWorld) -> None:
    message = typing()
    message.body.type = "DELIVERYNOTIFICATION"
    message.body.delivery_notification.status = notification_pb2.DELIVERY_STATUS_READ
    assert (await world.send(message)).status.state == MessageState.SENT
    assert [entry.details["action"] for entry in actions(world)] == ["mark_seen"]


async def test_a_repeat_of_an_action_does_nothing(world: OutboxWorld) -> None:
    await world.send(typing())
    assert (await world.send(typing())).repeated
    assert len(actions(world)) == 1


async def test_typing_is_repeated_only_when_it_would_vanish_or_a_message_ended_it(world: OutboxWorld) -> None:
    for number in range(3):
        assert (await world.send(typing(cim_id=f"typing-{number}"))).status.state == MessageState.SENT
    assert len(actions(world)) == 1
    await world.send(text_message("Hello", "out-2"))
    await world.send(typing(cim_id="typing-3"))
    assert len(actions(world)) == 2
    world.clock.shift_ms += 15_000
    await world.send(typing(cim_id="typing-4"))
    assert len(actions(world)) == 3


async def test_a_reaction_goes_to_the_message_that_it_names_and_is_taken_back(world: OutboxWorld) -> None:
    sent = (await world.send(text_message("Bye", "out-0"))).status.parts[0].mid
    await world.send(custom({"kind": "reaction", "action": "react", "emoji": "😊"}, "out-0"))
    await world.send(custom({"kind": "reaction", "action": "unreact"}, "out-0", cim_id="out-2"))
    told = [
        (entry.details["action"], entry.details["target_mid"], entry.details["reaction"]) for entry in actions(world)
    ]
    assert told == [("react", sent, "😊"), ("unreact", sent, None)]


async def test_a_reaction_to_an_unknown_message_fails_without_a_call(world: OutboxWorld) -> None:
    status = (await world.send(custom({"kind": "reaction", "action": "unreact"}, "out-0"))).status
    assert status.failure is not None
    assert (status.state, status.failure.reason, status.failure.metadata) == (
        MessageState.FAILED,
        "MESSAGE_NOT_FOUND",
        {"id": "out-0"},
    )
    assert actions(world) == ()


@pytest.mark.parametrize(
    ("fault", "reason"), [("unreachable", "RECIPIENT_UNAVAILABLE"), ("server_error", "PROVIDER_UNAVAILABLE")]
)
async def test_an_action_that_fails_says_why_and_holds_nothing_up(world: OutboxWorld, fault: str, reason: str) -> None:
    world.facebook.script_fault(fault)
    status = (await world.send(typing())).status
    assert status.failure is not None
    assert (status.state, status.open, status.failure.reason) == (MessageState.FAILED, False, reason)
    assert (await world.send(text_message("Hello", "out-2"))).status.state == MessageState.SENT


async def test_an_action_waits_for_no_lane(world: OutboxWorld) -> None:
    world.facebook.script_fault("silence_after_taken")
    await world.send(text_message("slow"), wait_ms=0)
    await world.until_taken()
    assert (await world.send(typing(cim_id="out-2"))).status.state == MessageState.SENT


async def test_a_stopped_channel_shows_no_typing(world: OutboxWorld) -> None:
    await world.stop_channel()
    failure = (await world.send(typing())).status.failure
    assert failure is not None
    assert (failure.reason, actions(world)) == ("PAGE_RESTRICTED", ())


def actions(world: OutboxWorld) -> tuple[Entry, ...]:
    return world.facebook.journal.entries(Filter(kind=EntryKind.ACTION_TAKEN))


def custom(node: object, original: str = "in-1", *, cim_id: str = "out-1") -> CimMessage:
    message = text_message("", cim_id)
    message.header.original_message_id = original
    message.body.Clear()
    message.body.type = "CUSTOM"
    message.body.custom.json_node.text = json.dumps(node)
    return message


def typing(
    kind: notification_pb2.NotificationType = notification_pb2.NOTIFICATION_TYPE_TYPING_STARTED,
    cim_id: str = "out-1",
) -> CimMessage:
    message = text_message("", cim_id)
    message.body.Clear()
    message.body.type = "NOTIFICATION"
    message.body.notification.notification_type = kind
    return message
