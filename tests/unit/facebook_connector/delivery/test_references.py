from __future__ import annotations

import pytest

from expertflow.cim.v1.interactive_pb2 import Button, CarouselBody, CarouselElement
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from facebook_connector.delivery.references import offers
from tests.support.references import a_button_message

CARDS = CarouselBody(elements=[CarouselElement(), CarouselElement(buttons=[Button(title="Buy", payload="BUY")])])
CAROUSEL = CimMessage(body=MessageBody(type="CAROUSEL", carousel=CARDS)).SerializeToString()
MENTION = CimMessage(body=MessageBody(type="PLAIN", markdown_text="BUY")).SerializeToString()


@pytest.mark.parametrize(
    ("message", "offered"), [(a_button_message("SELL", "BUY"), True), (CAROUSEL, True), (MENTION, False)]
)
def test_a_message_offers_the_payloads_of_its_buttons(message: bytes, offered: bool) -> None:
    assert offers(message, "BUY") is offered
