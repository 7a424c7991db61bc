"""What Facebook says about a conversation's control: its owner, or why it refuses to move it. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expertflow.connector.v1.messenger_context_pb2 import ThreadOwner
from facebook_connector.channels.refusals import refused
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error
from facebook_connector.threads.wishes import NOBODY

NO_PERMISSION = 10
"""Beside this code without a subcode stands either a missing permission or a move that this app may not make; of a page
whose messages are sent and received it is the latter."""


def refusal(page_id: str, reply: GraphReply) -> ConnectorError:
    """The error of an answer that is not `ok`, or no success, to a call which moves control."""
    error = refused(page_id, reply)
    reason = _reason(reply, error.reason)
    return ConnectorError(reason, error.message, metadata=error.metadata, retry_delay_ms=error.retry_delay_ms)


def _reason(reply: GraphReply, usual: str) -> str:
    """The reason, given that of any other call about a page."""
    error = reply.error
    meaning = meaning_of_error(error) if error is not None else None
    if meaning is not None and meaning.error_class is ErrorClass.NO_RECIPIENT:
        return "RECIPIENT_UNKNOWN"
    may_not = error is not None and (error.code, error.subcode) == (NO_PERMISSION, None)
    return "THREAD_CONTROL_REFUSED" if may_not or usual == "PROVIDER_REJECTED" else usual


def owner_told(body: Mapping[str, Any], own_app_id: str, now_ms: int) -> ThreadOwner:
    """The owner in an answer of `GET /{page}/thread_owner`; without any entry the conversation is idle."""
    data = body.get("data")
    entry = data[0] if isinstance(data, list) and data else {}
    told = entry.get("thread_owner") if isinstance(entry, dict) else None
    owner: Mapping[str, Any] = told if isinstance(told, dict) else {}
    expire_s = owner.get("expiration")
    expire_ms = expire_s * 1000 if isinstance(expire_s, int) and expire_s > 0 else None
    return owner_message(str(owner.get("app_id") or NOBODY), own_app_id, now_ms, expire_ms)


def owner_message(app_id: str, own_app_id: str, now_ms: int, expire_ms: int | None = None) -> ThreadOwner:
    """An owner as observed now."""
    owner = ThreadOwner(app_id=app_id, owned_by_this_app=bool(app_id) and app_id == own_app_id)
    owner.observe_time.FromMilliseconds(now_ms)
    if expire_ms is not None:
        owner.expire_time.FromMilliseconds(expire_ms)
    return owner
