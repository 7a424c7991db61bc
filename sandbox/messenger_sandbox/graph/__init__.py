"""The Graph API side: one room per API, and the table of edges that leads to them.

A room gets a `GraphCall` with a good token and returns an `Answer`; a further API is a further module and its rows.
Unversioned paths are not served: a client that forgets the version is told so here, where Facebook would silently
serve it with its oldest one.
"""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.graph.attachments import upload
from messenger_sandbox.graph.call import Room
from messenger_sandbox.graph.conversations import list_conversations
from messenger_sandbox.graph.endpoint import Edge, handler_of
from messenger_sandbox.graph.messages import send
from messenger_sandbox.graph.nodes import read_node
from messenger_sandbox.graph.personas import create_persona, delete_persona, list_personas
from messenger_sandbox.graph.profile import delete_profile, read_profile, set_profile
from messenger_sandbox.graph.subscriptions import list_subscriptions, subscribe, unsubscribe
from messenger_sandbox.graph.threads import (
    extend_control,
    pass_control,
    release_control,
    request_control,
    take_control,
    thread_owner,
)
from messenger_sandbox.graph.tokens import debug_token
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState

__all__ = ["EDGES", "graph_routes"]


def _edge(
    method: str, path: str, room: Room, endpoint: Endpoint, answered: EntryKind = EntryKind.GRAPH_ANSWERED
) -> Edge:
    return Edge(path=path, method=method, room=room, endpoint=endpoint, answered=answered)


EDGES: Final[tuple[Edge, ...]] = (
    _edge("POST", "/{node}/messages", send, Endpoint.MESSAGES, EntryKind.SEND_ANSWERED),
    _edge("POST", "/{node}/message_attachments", upload, Endpoint.UPLOADS),
    _edge("GET", "/{node}/subscribed_apps", list_subscriptions, Endpoint.SUBSCRIPTIONS),
    _edge("POST", "/{node}/subscribed_apps", subscribe, Endpoint.SUBSCRIPTIONS),
    _edge("DELETE", "/{node}/subscribed_apps", unsubscribe, Endpoint.SUBSCRIPTIONS),
    _edge("GET", "/{node}/conversations", list_conversations, Endpoint.CONVERSATIONS),
    _edge("POST", "/{node}/pass_thread_control", pass_control, Endpoint.THREAD_CONTROL),
    _edge("POST", "/{node}/take_thread_control", take_control, Endpoint.THREAD_CONTROL),
    _edge("POST", "/{node}/request_thread_control", request_control, Endpoint.THREAD_CONTROL),
    _edge("POST", "/{node}/release_thread_control", release_control, Endpoint.THREAD_CONTROL),
    _edge("POST", "/{node}/extend_thread_control", extend_control, Endpoint.THREAD_CONTROL),
    _edge("GET", "/{node}/thread_owner", thread_owner, Endpoint.THREAD_CONTROL),
    _edge("GET", "/{node}/messenger_profile", read_profile, Endpoint.MESSENGER_PROFILE),
    _edge("POST", "/{node}/messenger_profile", set_profile, Endpoint.MESSENGER_PROFILE),
    _edge("DELETE", "/{node}/messenger_profile", delete_profile, Endpoint.MESSENGER_PROFILE),
    _edge("GET", "/{node}/personas", list_personas, Endpoint.PERSONAS),
    _edge("POST", "/{node}/personas", create_persona, Endpoint.PERSONAS),
    _edge("DELETE", "/{node}", delete_persona, Endpoint.PERSONAS),
    _edge("GET", "/debug_token", debug_token, Endpoint.TOKENS),
    _edge("GET", "/{node}", read_node, Endpoint.PROFILES),
)
"""Order matters as in any router: `/debug_token` before `/{node}`."""


def graph_routes(state: SandboxState) -> list[Route]:
    return [Route("/{version}" + edge.path, handler_of(edge, state), methods=[edge.method]) for edge in EDGES]
