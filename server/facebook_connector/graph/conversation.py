"""The Conversations API: the last messages between a page and a person.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from facebook_connector.graph.client import Credentials, GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error
from facebook_connector.sending.reconciliation import ConversationView, Reading, SeenMessage, Unreadable
from facebook_connector.sending.values import SendingChannel

READABLE: Final = 20
"""Only so many messages of a conversation can be read; older ones answer as deleted."""
FIELDS: Final = f"message_count,messages.limit({READABLE}){{id,created_time,from,message,attachments,sticker,shares}}"
BESIDE_TEXT: Final = ("attachments", "sticker", "shares")
TIMEOUT_S: Final = 15.0


class ConversationApi:
    """Reads conversations through a `GraphClient`."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def read(self, channel: SendingChannel, psid: str) -> Reading:
        """Asks once for the newest messages; raises nothing of the network's."""
        call = GraphCall(
            method="GET",
            path=f"{channel.page_id}/conversations",
            credentials=Credentials(token=channel.page_token, app_secret=channel.app_secret),
            version=channel.graph_version,
            query={"platform": "messenger", "user_id": psid, "fields": FIELDS},
            timeout_s=TIMEOUT_S,
        )
        try:
            reply = await self._graph.call(call)
        except GraphUnreachableError as error:
            return Unreadable(detail=f"The conversation could not be read ({error.cause}).", passing=True)
        if not reply.ok:
            told = f"HTTP {reply.status}" if reply.error is None else f"error {reply.error.code}"
            return Unreadable(detail=f"Facebook did not let the conversation be read ({told}).", passing=_passes(reply))
        return read_view(reply.body, channel.page_id)


def _passes(reply: GraphReply) -> bool:
    meaning = None if reply.error is None else meaning_of_error(reply.error)
    if meaning is not None:
        return meaning.error_class is ErrorClass.THROTTLE
    return reply.status >= 500 or reply.status == 429  # noqa: PLR2004 - HTTP's own numbers


def read_view(body: Mapping[str, Any], page_id: str) -> Reading:
    """The answer as a view; unreadable if it holds no conversation, or what this release does not understand."""
    try:
        (conversation,) = body["data"]
        listed = conversation["messages"]
        messages = tuple(_messages(listed["data"], page_id))
    except (KeyError, TypeError, ValueError):
        return Unreadable(detail="Facebook showed no conversation.")
    return ConversationView(messages=messages, complete=_is_complete(conversation, listed, len(messages)))


def _messages(listed: object, page_id: str) -> Iterator[SeenMessage]:
    """Raises KeyError, TypeError or ValueError for what is none."""
    if not isinstance(listed, list):
        raise TypeError
    for message in listed:
        yield SeenMessage(
            mid=str(message["id"]),
            of_page=message["from"]["id"] == page_id,
            time_ms=int(datetime.fromisoformat(message["created_time"]).timestamp() * 1000),
            text=str(message.get("message") or ""),
            bare=not any(message.get(name) for name in BESIDE_TEXT),
        )


def _is_complete(conversation: Mapping[str, Any], listed: Mapping[str, Any], count: int) -> bool:
    """Whether nothing older exists, by Facebook's own count; without one, by there being no further page."""
    total = conversation.get("message_count")
    if isinstance(total, int):
        return total <= count
    return count < READABLE and not (listed.get("paging") or {}).get("next")
