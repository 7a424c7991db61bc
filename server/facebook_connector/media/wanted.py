"""Finds the medium of a message as it comes from the gateway, and makes its link ours and unguessable: pure.

The gateway writes `<public address>/media/<message id>` and knows no secret. Message ids can be guessed by who knows
page and mid, so here the last segment becomes an HMAC of it: fixed by message and part, the same from every gateway.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final
from urllib.parse import unquote, urlsplit

import orjson

from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_PENDING, MessengerContext
from facebook_connector.delivery.values import MediaRecord
from facebook_connector.media.sniff import Kind

ID_BYTES: Final = 24
"""192 bits: 32 characters."""

LINK_PATH: Final = "/media/"
MAX_NAME: Final = 255

ATTACHED: Final = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.FILE)
"""Bodies that have an attachment; a sticker has its link on itself."""

KINDS: Final = {kind.value: kind for kind in (*ATTACHED, Kind.STICKER)}
"""Bodies that have a medium, by the name of their field."""


def media_id(secret: bytes, cim_id: str) -> str:
    """The id of a message's medium: letters, digits, `-` and `_`."""
    digest = hmac.new(secret, cim_id.encode(), sha256).digest()
    return urlsafe_b64encode(digest[:ID_BYTES]).decode("ascii")


def take_media(message: CimMessage, context: MessengerContext, secret: bytes) -> MediaRecord | None:
    """What is to be fetched for a message; its link and its context are changed to say so. None: it has no medium."""
    body = message.body
    kind = KINDS.get(body.WhichOneof("content") or "")
    if kind is None:
        return None
    content = getattr(body, kind.value)
    holder = content if kind is Kind.STICKER else content.attachment
    ending = f"{LINK_PATH}{message.id}"
    if not holder.media_url.endswith(ending):
        return None
    identifier = media_id(secret, message.id)
    holder.media_url = holder.media_url.removesuffix(ending) + LINK_PATH + identifier
    if kind is Kind.IMAGE:
        holder.thumbnail = holder.media_url
    context.media.state = MEDIA_STATE_PENDING
    context.media.media_id = identifier
    source_url = _source_url(content.additional_details)
    return MediaRecord(media_id=identifier, kind=kind.value, source_url=source_url, name=_name(source_url))


def _source_url(details: Json) -> str:
    """`sourceUrl` of the details; empty if there is none that is text."""
    try:
        value = orjson.loads(details.text or "{}")
    except orjson.JSONDecodeError:
        return ""
    found = value.get("sourceUrl") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _name(url: str) -> str:
    """The last segment of the path, decoded; nothing in it that a file system or a header could mistake."""
    try:
        segment = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
    kept = "".join(sign for sign in segment if sign.isprintable() and sign not in '/\\:*?"<>|').strip(" .")
    return kept[-MAX_NAME:]
