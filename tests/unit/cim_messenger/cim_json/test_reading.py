"""What is read, and where in the protobuf message it then stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cim_messenger.cim_json import decode
from expertflow.cim.v1.comment_pb2 import CommentItemType
from expertflow.cim.v1.interactive_pb2 import ButtonMessageType, TemplateComponentType
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody, MessageHeader
from expertflow.cim.v1.notification_pb2 import DeliveryStatus


def header(**members: Any) -> MessageHeader:
    return decode(json.dumps({"header": members})).header


def body(**members: Any) -> MessageBody:
    return decode(json.dumps({"body": members})).body


def test_bytes_and_text_read_alike_with_or_without_a_byte_order_mark() -> None:
    text = '{"id":"é"}'
    expected = CimMessage(id="é")
    assert [decode(form) for form in (text, text.encode(), "\ufeff" + text, text.encode("utf-8-sig"))] == [expected] * 4


def test_absent_and_null_objects_are_unset() -> None:
    assert not decode("{}").HasField("header")
    assert not decode('{"header":null,"body":null}').HasField("header")
    assert not decode('{"header":null,"body":null}').HasField("body")
    assert decode('{"header":{}}').HasField("header")


def test_an_empty_string_is_not_null() -> None:
    assert header(intent="").HasField("intent")
    assert not header(intent=None).HasField("intent")


def test_a_zero_is_not_absent() -> None:
    assert header(channelData={"requestPriority": 0}).channel_data.HasField("request_priority")
    assert not header(channelData={"requestPriority": None}).channel_data.HasField("request_priority")


@pytest.mark.parametrize(
    ("members", "extras"),
    [
        ({"id": None}, '{"id":null}'),
        ({"header": {"timestamp": None}}, '{"timestamp":null}'),
        ({"header": {"timestamp": ""}}, '{"timestamp":null}'),
        ({"header": {"stamps": []}}, '{"stamps":[]}'),
        ({"header": {"stamps": ["a", None]}}, '{"stamps":["a",null]}'),
        ({"header": {"intent": "\ud83d"}}, r'{"intent":"\ud83d"}'),
        ({"header": {"timestamp": 10**15}}, '{"timestamp":1000000000000000}'),
        ({"header": {"status": None}}, '{"status":null}'),
    ],
)
def test_what_the_envelope_cannot_type_stands_in_its_extras(members: dict[str, Any], extras: str) -> None:
    message = decode(json.dumps(members))
    holder = message.header if message.HasField("header") else message
    assert holder.extras.text == extras
    assert not holder.ListFields()[:-1]


def test_a_list_of_objects_with_a_null_stands_in_extras_whole() -> None:
    data = header(channelData={"additionalAttributes": [{"key": "a"}, None]}).channel_data
    assert data.extras.text == '{"additionalAttributes":[{"key":"a"},null]}'
    assert not data.additional_attributes


def test_a_fraction_where_a_whole_number_is_wanted_stands_in_extras() -> None:
    data = header(channelData={"requestPriority": 1.5}).channel_data
    assert (data.HasField("request_priority"), data.extras.text) == (False, '{"requestPriority":1.5}')


def test_unknown_keys_stand_in_the_extras_of_their_own_object() -> None:
    message = decode(
        '{"a":1.0,"header":{"b":[1.10],"sender":{"c":{}},"channelData":{"d":"","additionalAttributes":[{"e":0}]},'
        '"customer":{"labels":[1e2]}},"body":{"type":"LOCATION","f":true,"location":{"g":null}}}'
    )
    found = message.header
    assert message.extras.text == '{"a":1.0}'
    assert found.extras.text == '{"b":[1.10]}'
    assert found.sender.extras.text == '{"c":{}}'
    assert found.channel_data.extras.text == '{"d":""}'
    assert found.channel_data.additional_attributes[0].extras.text == '{"e":0}'
    assert found.customer.extras.text == '{"labels":[1e2]}'
    assert message.body.extras.text == '{"f":true}'
    assert message.body.location.location.extras.text == '{"g":null}'


@pytest.mark.parametrize(
    ("members", "expected", "extras"),
    [
        ({"replyToMessageId": "old"}, "old", ""),
        ({"replyToMessageId": "old", "originalMessageId": None}, "old", ""),
        ({"replyToMessageId": None, "originalMessageId": "new"}, "new", ""),
        ({"replyToMessageId": "new", "originalMessageId": "new"}, "new", ""),
        ({"replyToMessageId": "old", "originalMessageId": "new"}, "new", '{"replyToMessageId":"old"}'),
    ],
)
def test_the_older_key_of_a_reply_is_read(members: dict[str, Any], expected: str, extras: str) -> None:
    found = header(**members)
    assert (found.original_message_id, found.extras.text) == (expected, extras)


@pytest.mark.parametrize(("given", "text"), [(7, "7"), (1.5, "1.5"), (True, "true"), (False, "false"), ("", "")])
def test_scalars_are_text_where_text_is_wanted(given: Any, text: str) -> None:
    assert header(intent=given).intent == text


def test_a_number_that_becomes_text_keeps_its_spelling() -> None:
    assert decode('{"header":{"intent":1.10}}').header.intent == "1.10"


@pytest.mark.parametrize(("given", "number"), [("10", 10), (10.0, 10), ("", None), ("-3", -3), ("007", 7)])
def test_numeric_strings_and_whole_decimals_are_whole_numbers(given: Any, number: int | None) -> None:
    data = header(channelData={"requestPriority": given}).channel_data
    assert (data.request_priority if data.HasField("request_priority") else None) == number


def test_a_known_value_type_is_read_in_any_case_and_an_unknown_one_as_it_is() -> None:
    data = header(channelData={"additionalAttributes": [{"type": "STRING100"}, {"type": "String"}]}).channel_data
    assert [attribute.value_type for attribute in data.additional_attributes] == ["String100", "String"]


def test_customer_extras_are_flat() -> None:
    customer = header(customer={"_id": "c1", "__v": 3, "isAnonymous": False, "facebook": ["7001"]}).customer
    assert (customer.customer_id, customer.version, customer.anonymous) == ("c1", 3, False)
    assert customer.extras.text == '{"facebook":["7001"]}'


def test_of_several_types_the_last_counts() -> None:
    found = decode('{"body":{"type":"GenericMessage","stickerId":369239263222822,"type":"STICKER"}}').body
    assert (found.type, found.WhichOneof("content"), found.sticker.sticker_id) == (
        "STICKER",
        "sticker",
        "369239263222822",
    )


@pytest.mark.parametrize("spelling", ["QUICK_REPLIES", "Quick Replies", "Quick_Replies", "quick-replies"])
def test_enum_names_are_read_in_any_spelling(spelling: str) -> None:
    found = body(type="BUTTON", buttonMessageType=spelling).button
    assert found.button_message_type == ButtonMessageType.BUTTON_MESSAGE_TYPE_QUICK_REPLIES


def test_enums_of_templates_are_lower_case_in_json() -> None:
    components = body(type="TEMPLATE", components=[{"type": "body"}, {"type": None}]).template.components
    assert [component.component_type for component in components] == [
        TemplateComponentType.TEMPLATE_COMPONENT_TYPE_BODY,
        TemplateComponentType.TEMPLATE_COMPONENT_TYPE_UNSPECIFIED,
    ]


def test_a_reason_code_may_be_a_number() -> None:
    found = body(type="DELIVERYNOTIFICATION", status="Read", reasonCode=200).delivery_notification
    assert (found.status, found.reason_code) == (DeliveryStatus.DELIVERY_STATUS_READ, "200")


@pytest.mark.parametrize(
    "members",
    [
        {"type": "COMMENT", "itemType": "UNHIDE"},
        {"type": "NOTIFICATION", "notificationType": 3},
        {"type": "NOTIFICATION", "notificationType": ""},
        {"type": "IMAGE", "attachment": "https://cdn.example.com/x.jpg"},
        {"type": "IMAGE", "attachment": {"size": 10.5}},
        {"type": "IMAGE", "attachment": {"size": 2**63}},
        {"type": "LOCATION", "location": {"latitude": 10**400}},
        {"type": "RECEIPT", "summary": {"totalCost": 10.5}},
        {"type": "BUTTON", "buttons": [{"title": "a"}, None]},
        {"type": "PLAIN", "markdownText": {"a": 1}},
        {"type": "PLAIN", "markdownText": "half \ud83d"},
    ],
)
def test_a_body_that_its_branch_cannot_hold_is_generic_and_whole(members: dict[str, Any]) -> None:
    found = body(**members)
    assert (found.type, found.WhichOneof("content")) == (members["type"], "generic")
    assert json.loads(found.generic.fields.text) == {key: value for key, value in members.items() if key != "type"}
    assert not found.HasField("extras")


def test_the_text_of_a_generic_body_stays_readable() -> None:
    found = body(type="COMMENT", markdownText="Hello", itemType="UNHIDE")
    assert (found.markdown_text, found.generic.fields.text) == ("Hello", '{"itemType":"UNHIDE"}')


@pytest.mark.parametrize("kind", ["plain", "GenericMessage", "STRUCTUREDMESSAGE", "FORMDATA", ""])
def test_an_unknown_type_keeps_its_name(kind: str) -> None:
    found = body(type=kind, a=1)
    assert (found.type, found.HasField("type"), found.generic.fields.text) == (kind, True, '{"a":1}')


@pytest.mark.parametrize("members", [{}, {"type": None}, {"type": None, "markdownText": None}])
def test_a_body_without_type_is_generic(members: dict[str, Any]) -> None:
    found = body(**members)
    assert (found.HasField("type"), found.WhichOneof("content"), found.generic.fields.text) == (False, "generic", "{}")


def test_a_type_that_is_no_text_is_kept_verbatim() -> None:
    assert body(type=["PLAIN"]).generic.fields.text == '{"type":["PLAIN"]}'


def test_a_comment_has_a_map_and_an_attachment() -> None:
    found = body(type="COMMENT", itemType="IMAGE", attachment={"mediaUrl": "u"}, additionalData={"a": 1}).comment
    assert found.item_type == CommentItemType.COMMENT_ITEM_TYPE_IMAGE
    assert (found.attachment.media_url, found.additional_data.text) == ("u", '{"a":1}')


def test_nul_emoji_and_direction_marks_pass_through() -> None:
    text = "a\x00b \U0001f469\u200d\U0001f469\u200d\U0001f467 \u202e"
    assert body(type="PLAIN", markdownText=text).markdown_text == text
