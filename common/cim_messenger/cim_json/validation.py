"""What CCM would refuse a message for, though its JSON is sound: required fields and names that Java does not know.

A separate step, because the codec also carries messages that nobody would accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from cim_messenger.cim_json.bodies import BY_BRANCH
from cim_messenger.cim_json.envelope import ATTRIBUTE, CIM_MESSAGE, VALUE_TYPES
from cim_messenger.cim_json.objects import is_set
from cim_messenger.cim_json.shapes import Field, Rule, Shape
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody

FIRST_PLAUSIBLE_SECOND: Final = 100_000_000
"""3 March 1973. An earlier moment is one that somebody gave in seconds where milliseconds were meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that CCM would refuse: the JSON path, and a phrase that follows it and names no value."""

    path: str
    problem: str


def validate(message: CimMessage) -> list[Violation]:
    """List what CCM would refuse the message for; empty if nothing. Never raises."""
    return [*_of_object(message, CIM_MESSAGE.fields, "$"), *_of_body(message), *_of_timestamp(message)]


def _of_object(message: Message, fields: Iterable[Field], path: str) -> Iterator[Violation]:
    for field in fields:
        place = f"{path}.{field.key}"
        if not is_set(message, field):
            if field.rule is not None:
                yield Violation(path=place, problem="is missing")
            continue
        held = getattr(message, field.name)
        if field.rule is Rule.NOT_BLANK and not held.strip():
            yield Violation(path=place, problem="is blank")
        if isinstance(field.kind, Shape):
            yield from _of_parts(held, field, field.kind, place)


def _of_parts(held: Any, field: Field, shape: Shape, path: str) -> Iterator[Violation]:
    parts = {f"{path}[{index}]": part for index, part in enumerate(held)} if field.repeated else {path: held}
    for place, part in parts.items():
        yield from _of_object(part, shape.fields, place)
        if shape is ATTRIBUTE and part.HasField("value_type") and part.value_type not in VALUE_TYPES:
            yield Violation(path=f"{place}.type", problem="is a value type that CIM's Java model does not know")


def _of_body(message: CimMessage) -> Iterator[Violation]:
    body: MessageBody = message.body
    if not message.HasField("body"):
        return
    branch = body.WhichOneof("content")
    if branch is None:
        yield Violation(path="$.body", problem="has no content that this version knows")
    elif branch == "generic":
        if not body.HasField("type"):
            yield Violation(path="$.body.type", problem="is missing")
    else:
        row = BY_BRANCH[branch]
        if body.HasField("type") and body.type != row.type:
            yield Violation(path="$.body.type", problem=f"contradicts the content, which is {row.type}")
        yield from _of_object(getattr(body, branch), row.fields, "$.body")


def _of_timestamp(message: CimMessage) -> Iterator[Violation]:
    header = message.header
    if header.HasField("timestamp") and header.timestamp.seconds < FIRST_PLAUSIBLE_SECOND:
        yield Violation(path="$.header.timestamp", problem="is before 1973, as if seconds were given for milliseconds")
