"""Checks a channel: asks Facebook, and hands what it said to `judgement`.

`debug_token` takes the token that it tells about as a query parameter; no other call has a token in its URL. Source:
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging
"""

from __future__ import annotations

from collections.abc import Mapping

from facebook_connector.channels.judgement import Findings, Judged, judge
from facebook_connector.channels.values import PageAccess
from facebook_connector.graph.client import GRAPH_VERSION, Credentials, GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply

ASK_TIMEOUT_S = 10.0
"""For each of the three questions; an operator waits for the answers."""


class ChannelChecker:
    """Asks Facebook about channels. Changes nothing, there or here."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def check(self, access: PageAccess, now_ms: int) -> tuple[Judged, ...]:
        """All checks in their fixed order. What Facebook refuses is a finding; nothing is raised for it."""
        return judge(
            Findings(
                access=access,
                now_ms=now_ms,
                asked_version=access.graph_version or GRAPH_VERSION,
                page=await self._ask(access, access.as_page, "me", {"fields": "id,name"}),
                token=await self._ask(
                    access, access.as_app, "debug_token", {"input_token": access.secrets.page_access_token}
                ),
                apps=await self._ask(access, access.as_page, f"{access.page_id}/subscribed_apps", {}),
            )
        )

    async def _ask(
        self, access: PageAccess, credentials: Credentials | None, path: str, query: Mapping[str, str]
    ) -> GraphReply | None:
        """The answer; None when there is nothing to ask with, or no answer came."""
        if credentials is None or not access.secrets.page_access_token:
            return None
        call = GraphCall(
            method="GET",
            path=path,
            credentials=credentials,
            version=access.graph_version,
            query=query,
            timeout_s=ASK_TIMEOUT_S,
        )
        try:
            return await self._graph.call(call)
        except GraphUnreachableError:
            return None
