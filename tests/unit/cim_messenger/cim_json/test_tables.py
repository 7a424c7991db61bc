"""The tables are complete: every field of every proto message that models CIM has a row, and every row a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from cim_messenger.cim_json.bodies import BODY_TYPES, MARKDOWN_TEXT
from cim_messenger.cim_json.envelope import CIM_MESSAGE, VALUE_TYPES
from cim_messenger.cim_json.kinds import ANY, BOOLEAN, DOUBLE, INT32, INT64, MAP, TIME, enum_names
from cim_messenger.cim_json.shapes import Field, Shape
from expertflow.cim.v1 import comment_pb2, interactive_pb2, message_pb2, notification_pb2
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import MessageBody
from tests.support.cim_strategies import BODY_FIELDS, HEADER_FIELDS

PACKAGE = "expertflow.cim.v1."
BODY_MESSAGES = {
    field.name: cast("Descriptor", field.message_type)
    for field in MessageBody.DESCRIPTOR.oneofs_by_name["content"].fields
}
EXTRAS = "extras"

CIM_NAMES = {
    interactive_pb2.ButtonMessageType.DESCRIPTOR: {"BUTTON", "QUICK_REPLIES"},
    interactive_pb2.CarouselMessageType.DESCRIPTOR: {"MEDIA", "GENERIC_RICH_MEDIA"},
    interactive_pb2.TemplateComponentType.DESCRIPTOR: {"header", "body", "button"},
    interactive_pb2.TemplateParameterType.DESCRIPTOR: {
        "text", "currency", "date_time", "image", "document", "video", "payload",
    },
    notification_pb2.NotificationType.DESCRIPTOR: {
        "INFO", "SYSTEM_ERROR", "WARNING", "CHANNEL_SESSION_STARTED", "CHANNEL_SESSION_EXPIRED",
        "CHANNEL_SESSION_ENDED", "AGENT_SUBSCRIBED", "AGENT_UNSUBSCRIBED", "TASK_ENQUEUED", "NO_AGENT_AVAILABLE",
        "TYPING_STARTED", "TYPING_STOPPED", "AGENT_RESERVED", "PARTICIPANT_ROLE_CHANGED", "TASK_STATE_CHANGED",
        "CHANNEL_SESSION_DATA_UPDATED", "ADVISOR_SUBSCRIBED", "ROOM_MEMBER_STATUS_CHANGED",
    },
    notification_pb2.DeliveryStatus.DESCRIPTOR: {"DELIVERED", "READ", "CONNECTED", "FAILED"},
    comment_pb2.CommentItemType.DESCRIPTOR: {
        "VIDEO", "TEXT", "IMAGE", "LIKE", "UNLIKE", "DELETE", "HIDE", "PRIVATE_REPLY",
    },
}  # fmt: skip


def shapes_of(fields: tuple[Field, ...]) -> Iterator[Shape]:
    for field in fields:
        if isinstance(field.kind, Shape):
            yield field.kind
            yield from shapes_of(field.kind.fields)


def tables() -> dict[str, tuple[Descriptor, tuple[Field, ...]]]:
    """Every message with the rows for it, branches of the body included."""
    branches = [(BODY_MESSAGES[row.branch], row.fields) for row in BODY_TYPES]
    shapes = [
        CIM_MESSAGE,
        *(shape for fields in [CIM_MESSAGE.fields, *(fields for _, fields in branches)] for shape in shapes_of(fields)),
    ]
    objects = [(cast("Descriptor", shape.message.DESCRIPTOR), shape.fields) for shape in shapes]
    return {descriptor.name: (descriptor, fields) for descriptor, fields in [*branches, *objects]}


TABLES = tables()
ROWS = [(descriptor, field) for descriptor, fields in TABLES.values() for field in fields]


def all_messages() -> set[str]:
    """Every message that a CimMessage can hold, by the descriptors."""
    found: set[str] = set()
    waiting = [message_pb2.CimMessage.DESCRIPTOR]
    while waiting:
        descriptor = waiting.pop()
        if descriptor.full_name.startswith(PACKAGE) and descriptor.name not in found:
            found.add(descriptor.name)
            waiting += [field.message_type for field in descriptor.fields if field.message_type is not None]
    return found


def test_every_message_of_cim_has_a_table() -> None:
    assert all_messages() == TABLES.keys() | {"MessageBody", "GenericBody", "Json"}


@pytest.mark.parametrize("name", TABLES)
def test_every_field_has_a_row_and_every_row_a_field(name: str) -> None:
    descriptor, fields = TABLES[name]
    assert sorted(field.name for field in fields) == sorted(
        field.name for field in descriptor.fields if field.name != EXTRAS
    )


@pytest.mark.parametrize(("descriptor", "row"), ROWS, ids=lambda value: getattr(value, "name", None))
def test_a_row_agrees_with_its_field(descriptor: Descriptor, row: Field) -> None:
    field = descriptor.fields_by_name[row.name]
    assert field.json_name == row.key
    assert field.is_repeated == row.repeated
    assert field.has_presence or row.repeated or field.enum_type is not None
    held = field.message_type.name if field.message_type is not None else None
    if isinstance(row.kind, Shape):
        assert held == cast("Descriptor", row.kind.message.DESCRIPTOR).name
    elif held is not None:
        assert (row.kind in {ANY, MAP}, row.kind is TIME) == (
            held == "Json",
            held == "Timestamp",
        ) or held == "MessageBody"
    else:
        kinds = {
            FieldDescriptor.TYPE_INT32: INT32,
            FieldDescriptor.TYPE_INT64: INT64,
            FieldDescriptor.TYPE_DOUBLE: DOUBLE,
            FieldDescriptor.TYPE_BOOL: BOOLEAN,
        }
        assert kinds.get(field.type) is (row.kind if row.kind in kinds.values() else None)


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {field.name for field in BODY_MESSAGES.values()}))
def test_every_object_but_a_branch_of_the_body_keeps_extras(name: str) -> None:
    assert TABLES[name][0].fields_by_name[EXTRAS].message_type is Json.DESCRIPTOR


def test_every_branch_has_a_body_type_and_every_body_type_a_branch() -> None:
    assert [row.branch for row in BODY_TYPES] == [branch for branch in BODY_MESSAGES if branch != "generic"]


def test_the_body_holds_its_common_fields_beside_the_branches() -> None:
    common = [field.name for field in MessageBody.DESCRIPTOR.fields if field.name not in BODY_MESSAGES]
    assert sorted(common) == sorted(["type", MARKDOWN_TEXT.name, EXTRAS])


def test_the_tables_and_the_strategies_know_the_same_keys() -> None:
    assert {row.type: {field.key for field in row.fields} for row in BODY_TYPES} == {
        body_type: set(fields) for body_type, fields in BODY_FIELDS.items()
    }
    assert {field.key for field in TABLES["MessageHeader"][1]} == set(HEADER_FIELDS)


@pytest.mark.parametrize(("descriptor", "names"), CIM_NAMES.items(), ids=lambda value: getattr(value, "name", None))
def test_the_names_of_an_enum_are_those_of_cim(descriptor: object, names: set[str]) -> None:
    spell = str.lower if min(names).islower() else str.upper
    assert set(enum_names(descriptor, spell=spell).values()) == names  # type: ignore[arg-type]


def test_value_types_are_distinct_in_any_case() -> None:
    assert len({name.lower() for name in VALUE_TYPES}) == len(VALUE_TYPES) == 15
