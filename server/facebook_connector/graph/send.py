"""The Send API: one message to one person.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facebook_connector.graph.client import READ_TIMEOUT_S, Credentials, GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.sending.graph_answers import Answered, SendAnswer, Unanswered
from facebook_connector.sending.values import SendingChannel


class SendApi:
    """Sends messages through a `GraphClient`."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def send(
        self, channel: SendingChannel, body: Mapping[str, Any], timeout_s: float = READ_TIMEOUT_S
    ) -> SendAnswer:
        """Makes one call of the Send API, once, and tells what came of it; raises nothing of the network's.

        The page stands in the path by its id: a token of another page then fails instead of sending from there.
        """
        call = GraphCall(
            method="POST",
            path=f"{channel.page_id}/messages",
            credentials=Credentials(token=channel.page_token, app_secret=channel.app_secret),
            version=channel.graph_version,
            body=body,
            timeout_s=timeout_s,
        )
        try:
            reply = await self._graph.call(call)
        except GraphUnreachableError as error:
            return Unanswered(bytes_left=error.bytes_left, cause=error.cause)
        message_id = reply.body.get("message_id")
        return Answered(
            status=reply.status,
            message_id=message_id if isinstance(message_id, str) else "",
            error=reply.error,
            regain_ms=reply.usage.regain_ms,
            usage_percent=reply.usage.peak_percent,
        )
