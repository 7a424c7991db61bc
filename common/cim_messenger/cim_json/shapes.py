"""The vocabulary of the field tables: what a row says about one key of a CIM object.

The tables themselves are `envelope` and `bodies`. `objects` reads and writes by them, `validation` judges by them.
"""

from __future__ import annotations

import enum
from dataclasses import KW_ONLY, dataclass

from google.protobuf.message import Message

from cim_messenger.cim_json.kinds import Kind


class Absence(enum.Enum):
    """What Java makes of an absent key, and so how an unset field is written."""

    NULL = enum.auto()
    """Absent and null are alike. Unset is written as null, as Java does."""
    DEFAULT = enum.auto()
    """Absent is Java's default (a fresh id, the clock, an empty collection), null stays null. Unset is left out; an
    explicit null is kept in extras."""
    ZERO = enum.auto()
    """A Java primitive: absent and null are both 0 or false, and Java never writes null. Unset is left out."""


class Rule(enum.Enum):
    """What CCM demands of a field beyond its JSON type. The codec itself demands nothing."""

    NOT_NULL = enum.auto()
    NOT_BLANK = enum.auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One row: JSON key, proto field, and the kind of its value (or of each value, if repeated)."""

    key: str
    name: str
    kind: Kind | Shape
    _: KW_ONLY
    repeated: bool = False
    absence: Absence = Absence.NULL
    rule: Rule | None = None
    legacy_key: str | None = None
    """An older key for the same thing: read if the present one holds nothing, never written."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A CIM object: the proto message that models it and a row for each of its fields but `extras`."""

    message: type[Message]
    fields: tuple[Field, ...]
