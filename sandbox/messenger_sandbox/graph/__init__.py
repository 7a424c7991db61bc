"""The Graph API side: one room per API, and the table of edges that leads to them.

A room gets a `GraphCall` with a good token and returns an `Answer`; a further API is a further module and its rows.
Unversioned paths are not served: a client that forgets the version is told so here, where Facebook would silently
serve it with its oldest one.
"""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from messenger_sandbox.graph.attachments import upload
from messenger_sandbox.graph.endpoint import Edge, endpoint_of
from messenger_sandbox.graph.messages import send
from messenger_sandbox.graph.nodes import read_node
from messenger_sandbox.graph.subscriptions import list_subscriptions, subscribe, unsubscribe
from messenger_sandbox.graph.tokens import debug_token
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState

__all__ = ["EDGES", "graph_routes"]

EDGES: Final[tuple[Edge, ...]] = (
    Edge(path="/{node}/messages", method="POST", room=send, answered=EntryKind.SEND_ANSWERED),
    Edge(path="/{node}/message_attachments", method="POST", room=upload),
    Edge(path="/{node}/subscribed_apps", method="GET", room=list_subscriptions),
    Edge(path="/{node}/subscribed_apps", method="POST", room=subscribe),
    Edge(path="/{node}/subscribed_apps", method="DELETE", room=unsubscribe),
    Edge(path="/debug_token", method="GET", room=debug_token),
    Edge(path="/{node}", method="GET", room=read_node),
)
"""Order matters as in any router: `/debug_token` before `/{node}`."""


def graph_routes(state: SandboxState) -> list[Route]:
    return [Route("/{version}" + edge.path, endpoint_of(edge, state), methods=[edge.method]) for edge in EDGES]
