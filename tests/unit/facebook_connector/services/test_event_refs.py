from __future__ import annotations

import pytest

from expertflow.cim.v1.freeform_pb2 import CustomBody
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody, MessageHeader
from expertflow.connector.v1.inbound_event_pb2 import DeliveryRef, EchoRef, EventRefs, InboundEvent
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext, Postback, QuickReply
from facebook_connector.delivery.values import OwnerRecord
from facebook_connector.services.event_refs import read_refs


def a_notice(text: str, psid: str = "7001") -> InboundEvent:
    body = MessageBody(type="CUSTOM", custom=CustomBody(json_node=Json(text=text)))
    return InboundEvent(psid=psid, messages=[CimMessage(body=body)])


def owner_of(event: InboundEvent) -> OwnerRecord | None:
    refs = read_refs(event)
    return refs.owner if refs else None


def test_an_event_that_refers_to_nothing_has_none() -> None:
    assert read_refs(InboundEvent(psid="7001", messages=[CimMessage()])) is None


def test_receipts_are_read_to_the_millisecond() -> None:
    event = InboundEvent(refs=EventRefs(delivery=DeliveryRef(mids=["m_1", "m_1", ""])))
    event.refs.delivery.watermark.FromMilliseconds(1_794_300_000_123)
    refs = read_refs(event)
    assert refs is not None
    assert (refs.delivered_mids, refs.delivered_ms, refs.read_ms) == (("m_1",), 1_794_300_000_123, None)
    assert refs.is_receipt


@pytest.mark.parametrize(
    "context", [MessengerContext(postback=Postback(payload="YES")), MessengerContext(quick_reply=QuickReply())]
)
def test_the_intent_of_a_tap_is_its_payload(context: MessengerContext) -> None:
    tapped = CimMessage(header=MessageHeader(intent="YES"))
    refs = read_refs(InboundEvent(context=context, messages=[tapped]))
    assert refs is not None
    assert refs.payload == "YES"


def test_the_intent_of_a_quote_is_no_payload() -> None:
    quote = CimMessage(header=MessageHeader(intent="REPLY_TO"))
    refs = read_refs(InboundEvent(refs=EventRefs(reply_to_mid="m_1"), messages=[quote]))
    assert refs is not None
    assert (refs.reply_to_mid, refs.payload) == ("m_1", "")


@pytest.mark.parametrize(
    ("node", "owner"),
    [
        ('{"kind":"pass_thread_control","new_owner_app_id":"555"}', OwnerRecord(app_id="555")),
        ('{"kind":"take_thread_control","new_owner_app_id":263902037430900}', OwnerRecord(app_id="263902037430900")),
        ('{"kind":"pass_thread_control","new_owner_app_id":null}', OwnerRecord(app_id="")),
        ('{"kind":"request_thread_control","requested_owner_app_id":"555"}', None),
        ('{"kind":"pass_thread_control"', None),
        ("[1]", None),
    ],
)
def test_the_new_owner_is_read_from_thread_control(node: str, owner: OwnerRecord | None) -> None:
    assert owner_of(a_notice(node)) == owner


def test_the_page_itself_has_no_owner() -> None:
    assert owner_of(a_notice('{"kind":"pass_thread_control","new_owner_app_id":"555"}', psid="")) is None


def test_who_sent_on_standby_is_the_owner_and_otherwise_it_is_somebody_else() -> None:
    standby = MessengerContext(standby=True)
    sent = InboundEvent(psid="7001", context=standby, refs=EventRefs(echo=EchoRef(mid="m_1", app_id="777")))
    assert owner_of(sent) == OwnerRecord(app_id="777")
    assert owner_of(InboundEvent(psid="7001", context=standby)) == OwnerRecord(app_id=None)
