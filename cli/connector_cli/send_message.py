"""The message that `send` sends: from options or from a file with CIM JSON; files of this machine are stored first."""

from __future__ import annotations

import json
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cim_messenger.cim_json import CimJsonError, decode
from connector_cli.failures import Failure
from connector_cli.send_contents import MEDIA, Contents, Link, body_of, is_address
from connector_client import ConnectorClient
from expertflow.cim.v1.message_pb2 import CimMessage

STDIN = "-"
REPLY_TO = "REPLY_TO"
MAX_MEDIUM = 25_000_000
"""Facebook takes no larger one; nothing larger is read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What goes around a body."""

    page: str
    psid: str
    quote: str | None
    human: bool
    message_id: str | None


async def message_of(client: ConnectorClient, envelope: Envelope, contents: Contents) -> CimMessage:
    """The message, ready to be sent. Raises `Failure`, and `ConnectorError` if a medium cannot be stored."""
    kind = contents.kind()
    if kind == "file":
        return with_envelope(read_message(str(contents.file)), envelope)
    if kind == "react" and not envelope.quote:
        raise Failure("--react needs --quote ID: the message that it reacts to")
    link = await _link(client, getattr(contents, kind)) if kind in MEDIA else None
    return with_envelope({"body": body_of(contents, link)}, envelope, answers=kind != "react")


def read_message(name: str) -> dict[str, Any]:
    """The CIM message in a file, in CIM JSON; `-` is stdin. A body alone will do. Raises `Failure`."""
    text = _text(name)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Failure(f"{name}: is no JSON: {error}") from error
    if isinstance(value, dict) and isinstance(value.get("body"), dict):
        return value
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return {"body": value}
    raise Failure(f"{name}: is neither a CIM message, an object with a body, nor a body, an object with a type")


def with_envelope(value: dict[str, Any], envelope: Envelope, *, answers: bool = True) -> CimMessage:
    """The message to this customer; of the header what is given counts, and the file's fills in. Raises `Failure`.

    `answers`: whether a quoted message is one that this one answers, and not what it is done to.
    """
    given = _object(value, "header")
    header = {
        "sender": {"id": "facebook-connector-cli", "type": "AGENT" if envelope.human else "BOT"},
        "timestamp": time.time_ns() // 1_000_000,
        **given,
        "channelData": {
            **_object(given, "channelData"),
            "channelCustomerIdentifier": envelope.psid,
            "serviceIdentifier": envelope.page,
        },
    }
    if envelope.quote:
        header["originalMessageId"] = envelope.quote
        if answers:
            header["intent"] = REPLY_TO
    chosen = envelope.message_id or value.get("id") or str(uuid.uuid4())
    try:
        return decode(json.dumps({**value, "id": chosen, "header": header}))
    except CimJsonError as error:
        raise Failure(f"this is no CIM message: {error}") from error


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    member = value.get(name)
    return member if isinstance(member, dict) else {}


async def _link(client: ConnectorClient, medium: str) -> Link:
    """A link that the server sends: the address as it is, or that of the file once it is stored."""
    if is_address(medium):
        return Link(url=medium)
    path = Path(medium)
    stored = await client.write_media(_bytes(path), file_name=path.name)
    return Link(url=stored.media_url, name=path.name, mime_type=stored.info.mime_type)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_MEDIUM:
            raise Failure(f"{path}: has {size} bytes, Facebook takes at most {MAX_MEDIUM}")
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise Failure(f"{name}: is not UTF-8 text") from None
