"""The two directions, for a whole message."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json import objects
from cim_messenger.cim_json.envelope import CIM_MESSAGE
from cim_messenger.cim_json.errors import CimJsonError
from cim_messenger.cim_json.json_text import JsonValue, dump, parse
from expertflow.cim.v1.message_pb2 import CimMessage

_BOM: Final = "\ufeff"
_ROOT: Final = "$"


def decode(text: str | bytes) -> CimMessage:
    """Read one CIM message from JSON; bytes are UTF-8, a byte order mark is skipped.

    Raises CimJsonError, and nothing else, for what is no CIM JSON: text that is no JSON, or an envelope of a shape that
    CIM's Java model refuses too. A body is never refused for its members: what its type's branch cannot hold
    goes to GenericBody.
    """
    message = CimMessage()
    objects.ENVELOPE_READER.fill(message, CIM_MESSAGE, read_json(text), _ROOT)
    return message


def read_json(text: str | bytes) -> JsonValue:
    """Read any JSON value as `decode` reads a message's: numbers keep their tokens, of equal names the last counts.

    Raises CimJsonError.
    """
    return parse(_text_of(text), _ROOT)


def encode(message: CimMessage) -> str:
    """Write a message as JSON that CIM's Java model reads: no blanks, one line, every string valid Unicode.

    Raises CimJsonError where the message contradicts itself (a type that is not its content's), holds what this version
    cannot name (unset content, an unknown enum number), or holds free-form text that is no JSON.
    """
    return dump(objects.write_object(message, CIM_MESSAGE, _ROOT))


def _text_of(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            # `from None`: the error holds the bytes, and those hold customers' words.
            raise CimJsonError(_ROOT, f"is no UTF-8 at byte {error.start}") from None
    return text.removeprefix(_BOM)
