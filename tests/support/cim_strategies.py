"""CIM messages as JSON, for property tests: every object and body type, with what must be written for each.

The fields are a second statement of CIM's object model, independent of the codec's tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from cim_messenger.cim_json import decode
from expertflow.cim.v1.message_pb2 import CimMessage
from tests.support.cim_fields import (
    ANY,
    DOUBLE,
    FLAG,
    LEFT_OUT,
    NOT_OBJECTS,
    PRIMITIVE_FLAG,
    TEXT,
    Case,
    FieldSpec,
    Verbatim,
    enum,
    free_json,
    free_map,
    list_of,
    moment,
    whole,
    words,
)
from tests.support.json_tokens import Doubled, Token, text_of

Fields = Mapping[str, FieldSpec]
LEGACY_KEY: Final = "replyToMessageId"


def _set(key: str, spec: FieldSpec, choice: Case | None, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Note a field that is there; its case is None for null."""
    given[key] = None if choice is None else choice.given
    value = None if choice is None else choice.expected
    if value is not None or spec.absence == "null":
        expected[key] = value
    else:
        expected[key] = LEFT_OUT if spec.absence == "zero" else Verbatim(None)


@st.composite
def objects(draw: DrawFn, fields: Fields, reserved: frozenset[str] = frozenset()) -> Case:
    """An object with some of its fields, some null, and unknown keys, in any order."""
    given: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for key, spec in fields.items():
        state = draw(st.sampled_from(("absent", "null", "filled", "filled")))
        if state == "absent":
            expected[key] = None if spec.absence == "null" else LEFT_OUT
        else:
            _set(key, spec, draw(spec.cases) if state == "filled" else None, given, expected)
    unknown_keys = words.filter(lambda key: key not in fields and key not in reserved)
    unknown = draw(st.dictionaries(unknown_keys, free_json, max_size=2))
    given |= unknown
    expected |= {key: Verbatim(tree) for key, tree in unknown.items()}
    return Case({key: given[key] for key in draw(st.permutations(sorted(given)))}, expected)


def part(**fields: FieldSpec) -> FieldSpec:
    """An object inside another; a misfit in one of its fields makes it a misfit too."""
    inner = [spec.misfits.map(partial(_member, key)) for key, spec in fields.items()]
    return FieldSpec(cases=objects(fields), misfits=NOT_OBJECTS | st.one_of(inner))


def _member(key: str, tree: Any) -> dict[str, Any]:
    return {key: tree}


_LONG = whole(64)
_ATTACHMENT = part(mediaUrl=TEXT, thumbnail=TEXT, mimeType=TEXT, size=_LONG, mediaLabel=TEXT, mediaName=TEXT)
_MEDIA = {"caption": TEXT, "attachment": _ATTACHMENT, "additionalDetails": ANY}
_BUTTONS = list_of(part(title=TEXT, payload=TEXT, type=TEXT, additionalButtonDetails=ANY), "default")
_TEXTS = list_of(TEXT)

BODY_FIELDS: Final[Mapping[str, Fields]] = {
    "PLAIN": {},
    "IMAGE": _MEDIA,
    "VIDEO": _MEDIA,
    "AUDIO": _MEDIA,
    "FILE": _MEDIA,
    "MULTIMEDIA": _MEDIA,
    "STICKER": {"mediaUrl": TEXT, "stickerId": TEXT, "additionalDetails": ANY},
    "URL": {"mediaUrl": TEXT, "additionalDetails": ANY},
    "LOCATION": {"location": part(latitude=DOUBLE, longitude=DOUBLE), "additionalDetails": ANY},
    "CONTACT": {
        "contacts": list_of(
            part(
                name=part(formattedName=TEXT, additionalNameDetails=ANY),
                phones=list_of(part(phone=TEXT, additionalPhoneDetails=ANY), "default"),
                additionalContactDetails=ANY,
            ),
            "default",
        ),
        "additionalDetails": ANY,
    },
    "BUTTON": {
        "buttonMessageType": enum("BUTTON", "QUICK_REPLIES"),
        "buttons": _BUTTONS,
        "additionalDetails": ANY,
    },
    "CAROUSEL": {
        "carouselMessageType": enum("MEDIA", "GENERIC_RICH_MEDIA"),
        "elements": list_of(
            part(
                text=TEXT,
                url=TEXT,
                buttons=_BUTTONS,
                defaultAction=part(type=TEXT, url=TEXT),
                additionalCarouselElementDetails=ANY,
            ),
            "default",
        ),
        "additionalDetails": ANY,
    },
    "RECEIPT": {
        "templateType": TEXT,
        "sharable": FLAG,
        "recipientName": TEXT,
        "merchantName": TEXT,
        "orderNumber": TEXT,
        "currency": TEXT,
        "paymentMethode": TEXT,
        "timestamp": TEXT,
        "elements": list_of(
            part(title=TEXT, subtitle=TEXT, quantity=_LONG, price=_LONG, currency=TEXT, imageUrl=TEXT)
        ),
        "address": part(street1=TEXT, street2=TEXT, city=TEXT, postalCode=TEXT, state=TEXT, country=TEXT),
        "summary": part(subtotal=_LONG, shippingCost=_LONG, totalTax=_LONG, totalCost=_LONG),
        "adjustments": list_of(part(name=TEXT, amount=_LONG)),
        "additionalDetails": ANY,
    },
    "TEMPLATE": {
        "namespace": TEXT,
        "name": TEXT,
        "language": part(code=TEXT, policy=TEXT),
        "components": list_of(
            part(
                type=enum("header", "body", "button"),
                additionalComponentDetails=ANY,
                parameters=list_of(
                    part(
                        parameterType=enum(
                            "text", "currency", "date_time", "image", "document", "video", "payload"
                        ),
                        additionalParameterDetails=ANY,
                    )
                ),
            ),
            "default",
        ),
        "additionalDetails": ANY,
    },
    "CUSTOM": {"jsonNode": ANY},
    "StructuredMessage": {"additionalDetails": ANY},
    "NOTIFICATION": {
        "notificationType": enum(
            "INFO", "SYSTEM_ERROR", "WARNING", "CHANNEL_SESSION_STARTED", "CHANNEL_SESSION_EXPIRED",
            "CHANNEL_SESSION_ENDED", "AGENT_SUBSCRIBED", "AGENT_UNSUBSCRIBED", "TASK_ENQUEUED", "NO_AGENT_AVAILABLE",
            "TYPING_STARTED", "TYPING_STOPPED", "AGENT_RESERVED", "PARTICIPANT_ROLE_CHANGED", "TASK_STATE_CHANGED",
            "CHANNEL_SESSION_DATA_UPDATED", "ADVISOR_SUBSCRIBED", "ROOM_MEMBER_STATUS_CHANGED",
        ),
        "notificationData": free_map("default"),
    },
    "DELIVERYNOTIFICATION": {
        "messageId": TEXT,
        "status": enum("DELIVERED", "READ", "CONNECTED", "FAILED"),
        "reasonCode": TEXT,
    },
    "DELETEDNOTIFICATION": {"messageId": TEXT, "timestamp": moment("default")},
    "COMMENT": {
        "postId": TEXT,
        "itemType": enum("VIDEO", "TEXT", "IMAGE", "LIKE", "UNLIKE", "DELETE", "HIDE", "PRIVATE_REPLY"),
        "attachment": _ATTACHMENT,
        "additionalData": free_map(),
    },
    "WRAPUP": {"note": TEXT, "wrapups": list_of(ANY, holds_null=True)},
    "VOICE": {"callId": TEXT, "leg": TEXT, "reasonCode": TEXT},
    "ACTION": {"name": TEXT, "data": free_map()},
    "EMAIL": {
        "subject": TEXT,
        "from": TEXT,
        "replyTo": _TEXTS,
        "receivingDate": moment("null"),
        "htmlBody": TEXT,
        "recipientsTo": _TEXTS,
        "recipientsCc": _TEXTS,
        "recipientsBcc": _TEXTS,
        "emailThreads": _TEXTS,
        "attachments": list_of(_ATTACHMENT),
        "additionalDetails": ANY,
    },
    "FORM_DATA": {
        "formId": TEXT,
        "formTitle": TEXT,
        "formDescription": TEXT,
        "enableSections": FLAG,
        "attributeType": TEXT,
        "enableWeightage": FLAG,
        "formWeightage": ANY,
        "formScore": ANY,
        "additionalDetail": free_map(),
        "sentiment": part(result=TEXT, color=TEXT),
        "sections": list_of(ANY, holds_null=True),
        "additionalDetails": ANY,
    },
}  # fmt: skip
"""Every body type of CIM with the fields that are its own."""

_SENDER = part(id=TEXT, type=TEXT, senderName=TEXT, additionalDetail=free_map())
_VALUE_TYPES = ("String100", "String2000", "IP", "PhoneNumber", "WebChannelData", "StringList")
_VALUE_TYPE = FieldSpec(
    cases=enum(*_VALUE_TYPES).cases.filter(lambda case: " " not in case.given) | st.just(Case("String", "String")),
    misfits=TEXT.misfits,
)
_CHANNEL_DATA = part(
    channelCustomerIdentifier=TEXT,
    serviceIdentifier=TEXT,
    requestPriority=whole(32),
    customerFirstName=TEXT,
    customerLastName=TEXT,
    additionalAttributes=list_of(part(key=TEXT, type=_VALUE_TYPE, value=ANY), "default"),
)
_CUSTOMER = part(_id=TEXT, firstName=TEXT, phoneNumber=_TEXTS, isAnonymous=PRIMITIVE_FLAG, __v=whole(32))
HEADER_FIELDS: Final[Fields] = {
    "sender": _SENDER,
    "channelData": _CHANNEL_DATA,
    "language": free_map(),
    "timestamp": moment("default"),
    "securityInfo": free_map(),
    "stamps": _TEXTS,
    "intent": TEXT,
    "entities": free_map(),
    "channelSessionId": TEXT,
    "conversationId": TEXT,
    "customer": _CUSTOMER,
    "originalMessageId": TEXT,
    "providerMessageId": TEXT,
    "roomId": TEXT,
    "schedulingMetaData": free_map(),
    "additionalData": free_map(),
}


@st.composite
def headers(draw: DrawFn) -> Case:
    """A header; one without originalMessageId may have the older key for it."""
    header: Case = draw(objects(HEADER_FIELDS, frozenset({LEGACY_KEY})))
    if header.given.get("originalMessageId") is not None or draw(st.booleans()):
        return header
    old = draw(words)
    return Case({**header.given, LEGACY_KEY: old}, {**header.expected, "originalMessageId": old})


@st.composite
def typed_bodies(draw: DrawFn, body_type: str) -> Case:
    """A body that its type's branch can hold; sometimes with `type` twice, as Java writes it."""
    body: Case = draw(objects({"markdownText": TEXT, **BODY_FIELDS[body_type]}, frozenset({"type"})))
    given = {**body.given, "type": body_type}
    return Case(
        Doubled(given) if draw(st.booleans()) else given,
        {**body.expected, "type": body_type},
    )


def _verbatim(given: Mapping[str, Any]) -> Case:
    """Expect a body to come back as it is, but for nulls of `type` and `markdownText`, which are always written."""
    common = {"type": None, "markdownText": None}
    return Case(dict(given), {key: Verbatim(tree) for key, tree in {**common, **given}.items()})


@st.composite
def misfit_bodies(draw: DrawFn, body_type: str) -> Case:
    """A body of a known type with one field of another shape than the model's."""
    fields = {"markdownText": TEXT, **BODY_FIELDS[body_type]}
    body: Case = draw(typed_bodies(body_type))
    key = draw(st.sampled_from([key for key, spec in fields.items() if not spec.misfits.is_empty]))
    return _verbatim({**body.given, key: draw(fields[key].misfits)})


_STRANGE_TYPES = (
    "plain", "STRUCTUREDMESSAGE", "GenericMessage", "VOICE_RECORDING", "FORMDATA", "", "\ud83d", Token("1"), ["PLAIN"],
    True, None,
)  # fmt: skip


@st.composite
def unknown_bodies(draw: DrawFn) -> Case:
    """A body of a type that the model does not know, or without one."""
    given = draw(st.dictionaries(words.filter(lambda key: key not in {"type", "markdownText"}), free_json, max_size=3))
    if draw(st.booleans()):
        given["markdownText"] = draw(words)
    if draw(st.integers(0, 4)):
        given["type"] = draw(st.sampled_from(_STRANGE_TYPES) | words.filter(lambda word: word not in BODY_FIELDS))
    return _verbatim(given)


def bodies() -> SearchStrategy[Case]:
    types = st.sampled_from(tuple(BODY_FIELDS))
    return types.flatmap(typed_bodies) | unknown_bodies() | types.flatmap(misfit_bodies)


def messages(body: SearchStrategy[Case] | None = None) -> SearchStrategy[Case]:
    """A whole message; its body is one of `body`, or any."""
    fields = {
        "id": FieldSpec(cases=TEXT.cases, misfits=TEXT.misfits, absence="default"),
        "header": FieldSpec(cases=headers(), misfits=NOT_OBJECTS),
        "body": FieldSpec(cases=bodies() if body is None else body, misfits=NOT_OBJECTS),
    }
    return objects(fields)


def message_texts() -> SearchStrategy[str]:
    """CIM JSON of any message."""
    return messages().map(lambda case: text_of(case.given))


def message_protos() -> SearchStrategy[CimMessage]:
    """Any message as protobuf: all that CIM JSON can say."""
    return message_texts().map(decode)
