"""The User Profile API: who a person is that wrote to a page.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile
"""

from __future__ import annotations

from typing import Final

from facebook_connector.graph.client import Credentials, GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.values import SendingChannel

FIELDS: Final = "id,name,first_name,last_name"
"""Of the base fields those that somebody uses. One field that the app may not read would fail the whole call, so what
needs a permission of its own never stands here."""

TIMEOUT_S: Final = 10.0


class ProfileApi:
    """Reads profiles through a `GraphClient`."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def read(self, channel: SendingChannel, psid: str) -> GraphReply | None:
        """Asks once, with the page's token; None: no answer came. The id stands in the path: digits alone."""
        call = GraphCall(
            method="GET",
            path=psid,
            credentials=Credentials(token=channel.page_token, app_secret=channel.app_secret),
            version=channel.graph_version,
            query={"fields": FIELDS},
            timeout_s=TIMEOUT_S,
        )
        try:
            return await self._graph.call(call)
        except GraphUnreachableError:
            return None
