"""What is written for a protobuf message, however it was made."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.cim_json import CimJsonError, encode
from cim_messenger.cim_json.json_text import MAX_DEPTH
from expertflow.cim.v1.freeform_pb2 import CustomBody, GenericBody, PlainBody
from expertflow.cim.v1.interactive_pb2 import ButtonBody, ReceiptBody, ReceiptSummary
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.media_pb2 import Attachment, ImageBody, Location, LocationBody
from expertflow.cim.v1.message_pb2 import ChannelData, CimMessage, Customer, MessageBody, MessageHeader
from expertflow.cim.v1.notification_pb2 import DeliveryNotificationBody, DeliveryStatus, NotificationBody
from tests.support.json_tokens import Token, tree_of


def written(message: CimMessage) -> Any:
    return tree_of(encode(message))


def written_body(body: MessageBody) -> Any:
    return written(CimMessage(body=body))["body"]


def written_header(header: MessageHeader) -> Any:
    return written(CimMessage(header=header))["header"]


def test_nulls_are_written_but_where_java_fills_a_default() -> None:
    assert encode(CimMessage()) == '{"header":null,"body":null}'
    assert list(written_header(MessageHeader())) == [
        "sender", "channelData", "language", "securityInfo", "stamps", "intent", "entities", "channelSessionId",
        "conversationId", "customer", "originalMessageId", "providerMessageId", "roomId", "schedulingMetaData",
        "additionalData",
    ]  # fmt: skip
    assert set(written_header(MessageHeader()).values()) == {None}


def test_a_primitive_is_left_out_rather_than_null() -> None:
    assert "requestPriority" not in written_header(MessageHeader(channel_data=ChannelData()))["channelData"]
    assert written_header(MessageHeader(customer=Customer()))["customer"] == {
        "_id": None, "firstName": None, "phoneNumber": None,
    }  # fmt: skip
    assert written_body(MessageBody(location=LocationBody(location=Location())))["location"] == {}


def test_zero_false_and_empty_are_written() -> None:
    customer = Customer(customer_id="", version=0, anonymous=False)
    assert written_header(MessageHeader(customer=customer))["customer"] == {
        "_id": "", "firstName": None, "phoneNumber": None, "isAnonymous": False, "__v": Token("0"),
    }  # fmt: skip
    assert written_header(MessageHeader(timestamp=Timestamp()))["timestamp"] == Token("0")


def test_time_and_long_numbers_are_numbers() -> None:
    header = MessageHeader(timestamp=Timestamp(seconds=1794300000, nanos=123_999_999))
    assert written_header(header)["timestamp"] == Token("1794300000123")
    image = ImageBody(attachment=Attachment(size=2**63 - 1))
    assert written_body(MessageBody(image=image))["attachment"]["size"] == Token("9223372036854775807")


def test_enums_are_names_in_exact_case() -> None:
    status = DeliveryNotificationBody(status=DeliveryStatus.DELIVERY_STATUS_READ)
    assert written_body(MessageBody(delivery_notification=status))["status"] == "READ"
    assert written_body(MessageBody(button=ButtonBody()))["buttonMessageType"] is None


def test_the_misspelt_key_stays_misspelt() -> None:
    assert written_body(MessageBody(receipt=ReceiptBody(payment_method="Visa 1")))["paymentMethode"] == "Visa 1"


def test_the_type_is_written_once_and_first_and_follows_from_the_content() -> None:
    body = MessageBody(markdown_text="hi", plain=PlainBody(), extras=Json(text='{"type":"URL","a":1.0}'))
    assert encode(CimMessage(body=body)) == '{"header":null,"body":{"type":"PLAIN","markdownText":"hi","a":1.0}}'


def test_free_form_text_is_written_with_its_tokens_and_order() -> None:
    node = Json(text=' {"b" : [1.10, 1e3, 24680135791113151], "a" : "\\ud83d\\u00e9", "b" : 2.0}')
    assert '"jsonNode":{"b":2.0,"a":"\\ud83dé"}' in encode(
        CimMessage(body=MessageBody(custom=CustomBody(json_node=node)))
    )


@pytest.mark.parametrize("text", ["null", " null "])
def test_free_form_null_is_null(text: str) -> None:
    assert written_header(MessageHeader(entities=Json(text=text)))["entities"] is None
    assert written_body(MessageBody(custom=CustomBody(json_node=Json(text=text))))["jsonNode"] is None
    body = MessageBody(notification=NotificationBody(notification_data=Json(text=text)))
    assert written_body(body)["notificationData"] is None


def test_a_typed_field_wins_over_extras_and_extras_over_an_unset_field() -> None:
    extras = Json(text='{"intent":"extra","roomId":"extra","stamps":[],"timestamp":null,"status":"seen"}')
    header = written_header(MessageHeader(intent="typed", extras=extras))
    assert (header["intent"], header["roomId"], header["stamps"], header["status"]) == ("typed", "extra", [], "seen")
    assert header["timestamp"] is None


def test_a_generic_body_is_flat_and_its_typed_members_win() -> None:
    fields = Json(text='{"type":1,"markdownText":{},"a":1.0}')
    assert written_body(MessageBody(type="X", generic=GenericBody(fields=fields))) == {
        "type": "X", "markdownText": {}, "a": Token("1.0"),
    }  # fmt: skip
    assert written_body(MessageBody(generic=GenericBody(fields=Json(text="{}")))) == {
        "type": None,
        "markdownText": None,
    }


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (CimMessage(body=MessageBody(type="PLAIN")), "$.body"),
        (CimMessage(body=MessageBody(type="IMAGE", plain=PlainBody())), "$.body.type"),
        (CimMessage(body=MessageBody(type="", plain=PlainBody())), "$.body.type"),
        (CimMessage(body=MessageBody(generic=GenericBody())), "$.body.fields"),
        (CimMessage(body=MessageBody(generic=GenericBody(fields=Json(text="[]")))), "$.body.fields"),
        (CimMessage(extras=Json(text="{")), "$.extras"),
        (CimMessage(header=MessageHeader(extras=Json(text="1"))), "$.header.extras"),
        (CimMessage(header=MessageHeader(entities=Json(text="[]"))), "$.header.entities"),
        (CimMessage(header=MessageHeader(entities=Json(text=""))), "$.header.entities"),
        (CimMessage(header=MessageHeader(timestamp=Timestamp(nanos=-1))), "$.header.timestamp"),
        (CimMessage(body=MessageBody(custom=CustomBody(json_node=Json(text="NaN")))), "$.body.jsonNode"),
        (
            CimMessage(body=MessageBody(location=LocationBody(location=Location(latitude=math.nan)))),
            "$.body.location.latitude",
        ),
        (
            CimMessage(body=MessageBody(receipt=ReceiptBody(summary=ReceiptSummary(extras=Json(text="x"))))),
            "$.body.summary.extras",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_by_its_path(message: CimMessage, path: str) -> None:
    with pytest.raises(CimJsonError) as caught:
        encode(message)
    assert caught.value.path == path


def test_an_enum_number_of_a_newer_contract_is_refused() -> None:
    body = MessageBody(delivery_notification=DeliveryNotificationBody.FromString(b"\x10\x63"))
    with pytest.raises(CimJsonError, match=r"^\$\.body\.status is no value of DeliveryStatus"):
        encode(CimMessage(body=body))


def test_a_message_nests_no_deeper_than_can_be_read_again() -> None:
    deep = Json(text="[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(CimJsonError, match=r"^\$ is nested deeper"):
        encode(CimMessage(body=MessageBody(custom=CustomBody(json_node=deep))))
