from __future__ import annotations

import pytest

from connector_cli.demo.reading import Arrival, is_last_part, reading, topic
from expertflow.cim.v1.media_pb2 import Attachment, ImageBody, StickerBody
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext, PartPosition, Postback, Reaction

LINK = "http://127.0.0.1:1/media/x"
IMAGE = MessageBody(
    type="IMAGE", image=ImageBody(attachment=Attachment(media_url=LINK, mime_type="image/png", size=539))
)
STICKER = MessageBody(type="STICKER", sticker=StickerBody(sticker_id="7", media_url=LINK))
TEXT = MessageBody(type="PLAIN", markdown_text="Hello")
REACTION = MessageBody(type="CUSTOM")


def arrival(body: MessageBody, context: MessengerContext | None = None) -> Arrival:
    return Arrival(message=CimMessage(id="1", body=body), context=context or MessengerContext())


@pytest.mark.parametrize(
    ("body", "context", "line", "about"),
    [
        (TEXT, None, "Hello", "Hello"),
        (IMAGE, None, f"IMAGE image/png, 539 bytes, {LINK}", "IMAGE"),
        (
            IMAGE,
            MessengerContext(part=PartPosition(index=1, count=3)),
            f"[2 of 3] IMAGE image/png, 539 bytes, {LINK}",
            "IMAGE",
        ),
        (STICKER, None, f"STICKER 7 {LINK}", "STICKER"),
        (TEXT, MessengerContext(postback=Postback(payload="AGENT")), "Hello (postback AGENT)", "Hello"),
        (REACTION, MessengerContext(reaction=Reaction(action="react", emoji="❤")), "reacts ❤", "CUSTOM"),
    ],
)
def test_a_message_reads_as_one_line(
    body: MessageBody, context: MessengerContext | None, line: str, about: str
) -> None:
    assert reading(arrival(body, context)) == line
    assert topic(arrival(body, context)) == about


@pytest.mark.parametrize(("index", "count", "last"), [(0, 0, True), (0, 2, False), (1, 2, True)])
def test_the_last_part_is_known(index: int, count: int, last: bool) -> None:
    part = PartPosition(index=index, count=count) if count else None

    assert is_last_part(arrival(TEXT, MessengerContext(part=part))) is last


def test_a_receipt_is_one_by_its_body() -> None:
    assert arrival(MessageBody(type="DELIVERYNOTIFICATION")).is_receipt
    assert not arrival(TEXT).is_receipt


def test_a_reaction_is_one_in_whichever_form() -> None:
    context = MessengerContext(reaction=Reaction(action="react", emoji="❤"))

    assert [arrival(body, context).is_reaction for body in (REACTION, TEXT)] == [True, True]
    assert not arrival(TEXT).is_reaction
