from __future__ import annotations

import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from connector_cli.message_lines import NOTHING_TO_SHOW, content, json_line, message_line
from connector_client import EventKind, Received
from expertflow.cim.v1.freeform_pb2 import CustomBody, PlainBody
from expertflow.cim.v1.media_pb2 import Attachment, ImageBody, StickerBody, UrlBody
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody, MessageHeader
from expertflow.cim.v1.notification_pb2 import (
    DELIVERY_STATUS_READ,
    DeletedNotificationBody,
    DeliveryNotificationBody,
)
from expertflow.connector.v1.inbound_pb2 import ReceivedMessage
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext, Reaction

PLAIN = MessageBody(type="PLAIN", markdown_text="hello\nthere \x1b[2J", plain=PlainBody())


def received(body: MessageBody, *, about: str | None = None, context: MessengerContext | None = None) -> Received:
    header = MessageHeader(timestamp=Timestamp(seconds=1_794_300_000), original_message_id=about)
    envelope = ReceivedMessage(
        message=CimMessage(id="id-1", header=header, body=body),
        ordering_key="1001/7001",
        kind=EventKind.MESSAGE.value,  # type: ignore[arg-type]
        delivery_attempt=1,
        context=context,
    )
    return Received(envelope, lambda _ack_id, _action: pytest.fail("nothing is to be settled"), lambda _ack_id: True)


def test_a_text_is_one_harmless_line_with_all_that_an_answer_needs() -> None:
    assert message_line(received(PLAIN)) == "08:40:00  1001/7001  MESSAGE   hello there [2J  (id-1)"


def test_a_redelivery_says_so() -> None:
    again = received(PLAIN)
    again.envelope.delivery_attempt = 3

    assert message_line(again).endswith("(id-1, attempt 3)")


def test_an_image_shows_its_type_caption_and_link() -> None:
    attachment = Attachment(media_url="https://gateway.example/media/1")
    body = MessageBody(type="IMAGE", image=ImageBody(attachment=attachment, caption="receipt.png"))

    assert content(received(body)) == "(IMAGE) receipt.png https://gateway.example/media/1"


def test_a_sticker_and_a_link_show_where_they_are() -> None:
    link = "https://gateway.example/media/2"
    sticker = MessageBody(type="STICKER", markdown_text="👍", sticker=StickerBody(sticker_id="7", media_url=link))
    shared = MessageBody(type="URL", markdown_text="News", url=UrlBody(media_url="https://news.example/1"))

    assert content(received(sticker)) == f"(STICKER) 👍 {link}"
    assert content(received(shared)) == "(URL) News https://news.example/1"


def test_an_unsend_names_the_message() -> None:
    known = MessageBody(type="DELETEDNOTIFICATION", deleted_notification=DeletedNotificationBody(message_id="id-0"))
    unknown = MessageBody(type="DELETEDNOTIFICATION", deleted_notification=DeletedNotificationBody())

    assert content(received(known, about="id-0")) == "took back id-0"
    assert content(received(unknown, context=MessengerContext(target_mid="m_1"))) == "took back m_1"


def test_a_reaction_names_the_message() -> None:
    context = MessengerContext(reaction=Reaction(action="react", reaction="love", emoji="❤"))
    body = MessageBody(type="CUSTOM", custom=CustomBody())

    assert content(received(body, about="id-0", context=context)) == "react ❤ to id-0"


def test_a_reaction_to_a_message_that_is_not_known() -> None:
    context = MessengerContext(reaction=Reaction(action="unreact"), target_mid="m_1")

    assert content(received(PLAIN, context=context)) == "unreact to m_1"


def test_a_receipt_names_status_and_message() -> None:
    notification = DeliveryNotificationBody(status=DELIVERY_STATUS_READ, message_id="id-0")
    body = MessageBody(type="DELIVERYNOTIFICATION", delivery_notification=notification)

    assert content(received(body)) == "READ id-0"


def test_a_status_newer_than_this_release_shows_its_number() -> None:
    notification = DeliveryNotificationBody(status=99)  # type: ignore[arg-type]

    assert content(received(MessageBody(delivery_notification=notification), about="id-0")) == "99 id-0"


def test_a_body_of_a_newer_release_still_shows_its_type() -> None:
    assert content(received(MessageBody(type="HOLOGRAM"))) == "(HOLOGRAM)"


def test_an_empty_text_says_that_there_is_nothing_to_show() -> None:
    assert content(received(MessageBody(type="PLAIN", plain=PlainBody()))) == NOTHING_TO_SHOW


def test_json_holds_the_envelope_and_the_message_as_cim() -> None:
    line = json_line(received(PLAIN))

    told = json.loads(line)
    assert "\n" not in line
    assert told["ordering_key"] == "1001/7001"
    assert told["message"]["body"]["markdownText"] == PLAIN.markdown_text


def test_json_of_a_message_that_has_no_cim_form_says_why() -> None:
    told = json.loads(json_line(received(MessageBody(type="HOLOGRAM"))))

    assert told["message"]["id"] == "id-1"
    assert told["unreadable"]
