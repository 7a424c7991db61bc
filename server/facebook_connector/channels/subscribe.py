"""Subscribes a page to its webhook fields at Facebook.

Facebook does not say whether a subscription replaces the one before or adds to it. So every call names a complete
list, and none names less of what is wanted than the page has already: no event is missed meanwhile.
Source: https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from facebook_connector.channels.fields import wanted
from facebook_connector.channels.refusals import refused, unanswered
from facebook_connector.channels.values import PageAccess
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """What a page is subscribed to now, and which wanted fields Facebook refused; both sorted."""

    fields: tuple[str, ...]
    refused: tuple[str, ...]


class Subscriptions:
    """The subscriptions of pages, as Facebook keeps them."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def subscribe(self, access: PageAccess) -> Subscribed:
        """Subscribes all wanted fields, or all that Facebook takes.

        Raises `ConnectorError` when Facebook refuses the call for another reason than a field, or does not answer.
        """
        fields = wanted(access.wanted_fields)
        try:
            taken = await self._post(access, fields)
        except ConnectorError as error:
            if error.reason != "PROVIDER_REJECTED":
                raise
            taken = await self._one_by_one(access, fields, error)
        present = await self._present(access) or taken
        return Subscribed(fields=tuple(sorted(present)), refused=tuple(sorted(set(fields) - present)))

    async def _one_by_one(self, access: PageAccess, fields: Iterable[str], complete: ConnectorError) -> set[str]:
        """Some field is refused; which one, Facebook says only in prose. So each is tried on top of those that work."""
        taken = await self._present(access) & set(fields)
        for field in sorted(set(fields) - taken):
            try:
                taken = await self._post(access, {*taken, field})
            except ConnectorError as error:
                if error.reason != "PROVIDER_REJECTED":
                    raise
        if not taken:
            # Not a field is at fault but the call as such.
            raise complete
        return taken

    async def _present(self, access: PageAccess) -> set[str]:
        """What our app gets of the page; empty also when it cannot be told which of several apps is ours."""
        app = own_app(subscribed_apps(await self._call(access, "GET", {})), access.app_id)
        return set(app.fields) if app else set()

    async def _post(self, access: PageAccess, fields: Iterable[str]) -> set[str]:
        reply = await self._call(access, "POST", {"subscribed_fields": ",".join(sorted(fields))})
        if reply.body.get("success") not in (True, "true"):
            raise refused(access.page_id, reply)
        return set(fields)

    async def _call(self, access: PageAccess, method: str, query: dict[str, str]) -> GraphReply:
        call = GraphCall(
            method=method,
            path=f"{access.page_id}/subscribed_apps",
            credentials=access.as_page,
            version=access.graph_version,
            query=query,
        )
        try:
            reply = await self._graph.call(call)
        except GraphUnreachableError as error:
            raise unanswered(access.page_id, error) from error
        if not reply.ok:
            raise refused(access.page_id, reply)
        return reply


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedApp:
    """One app that gets events of a page."""

    app_id: str
    fields: tuple[str, ...]


def subscribed_apps(reply: GraphReply) -> tuple[SubscribedApp, ...]:
    """Reads an answer of `GET /{page}/subscribed_apps`; entries that cannot be read are left out."""
    data = reply.body.get("data")
    entries = [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []
    return tuple(
        SubscribedApp(app_id=str(entry.get("id", "")), fields=_names(entry.get("subscribed_fields")))
        for entry in entries
    )


def own_app(apps: tuple[SubscribedApp, ...], app_id: str) -> SubscribedApp | None:
    """The entry of the channel's app; without a known id the only one there is."""
    if app_id:
        return next((app for app in apps if app.app_id == app_id), None)
    return apps[0] if len(apps) == 1 else None


def _names(value: object) -> tuple[str, ...]:
    return tuple(sorted(str(name) for name in value)) if isinstance(value, list) else ()
