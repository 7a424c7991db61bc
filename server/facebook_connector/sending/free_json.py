"""Checks the free-form JSON inside a message: each `Json` must be one JSON value.

A broken one would be kept, and fail later whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from cim_messenger.cim_json.errors import CimJsonError
from cim_messenger.cim_json.json_text import parse
from expertflow.cim.v1.json_pb2 import Json


def broken_json(message: Message, path: str) -> Iterator[tuple[str, str]]:
    """The path of each `Json` that is none, from `path` on, and what is wrong with it; never what stands in it."""
    if isinstance(message, Json):
        try:
            parse(message.text)
        except CimJsonError as error:
            yield path, error.problem
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        inner = enumerate(value) if field.is_repeated else [(None, value)]
        for index, part in inner:
            place = f"{path}.{field.name}" if index is None else f"{path}.{field.name}[{index}]"
            yield from broken_json(part, place)
