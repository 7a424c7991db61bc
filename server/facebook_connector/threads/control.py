"""Asks Facebook to move the control of a conversation, and keeps what it says about the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from expertflow.connector.v1 import thread_service_pb2 as pb
from expertflow.connector.v1.messenger_context_pb2 import ThreadOwner
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.refusals import no_token, unanswered
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import require_request_id
from facebook_connector.channels.values import PageAccess
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.thread_owners import ThreadOwnerStore, observed, owner_of
from facebook_connector.threads.answers import owner_message, owner_told, refusal
from facebook_connector.threads.wishes import Request, Wish, require_psid, wish_of
from service_runtime.clock import Clock

A = TypeVar("A", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadControl:
    """The control of conversations, as the contact centre moves it."""

    channels: Channels
    directory: Directory
    requests: OperatorRequests
    owners: ThreadOwnerStore
    graph: GraphClient
    clock: Clock

    async def owner(self, request: pb.GetThreadOwnerRequest) -> pb.GetThreadOwnerResponse:
        """Raises `ConnectorError` as `Channels.row`; with `refresh` also what Facebook's refusal means."""
        require_psid(request.psid)
        row = await self.channels.row(request.page_id)
        if request.refresh:
            owner: ThreadOwner | None = await self._ask(self.directory.access(row), request.psid)
        else:
            owner = await self.owners.get(request.page_id, request.psid)
        return pb.GetThreadOwnerResponse(owner=owner)

    async def move(self, request: Request, answer: type[A]) -> A:
        """Carries out one of the requests in `wishes`; the answer names the owner after it.

        Raises `ConnectorError` as `wish_of` and `Channels.row`, and what Facebook's refusal means; see `answers`.
        """
        require_request_id(request.request_id)
        access = self.directory.access(await self.channels.row(request.page_id))
        wish = wish_of(request, access.app_id)
        if (first := await self.requests.first_answer(request, answer)) is not None:
            return first
        owner = await self._moved(access, request.psid, wish)

        def work(transaction: Transaction, _now_ms: int) -> A:
            if owner is not None:
                observed(transaction, request.page_id, request.psid, owner)
            named: Any = answer
            return named(owner=owner or owner_of(transaction, request.page_id, request.psid))  # type: ignore[no-any-return]

        audited: Audited[A] = Audited(target=f"{request.page_id}/{request.psid}")
        moved, _ = await self.requests.run(request, answer, work, audited)
        return moved

    async def _moved(self, access: PageAccess, psid: str, wish: Wish) -> ThreadOwner | None:
        """The owner after the call; None: it moves nothing."""
        body = {"recipient": {"id": psid}, **wish.content}
        try:
            await self._call(access, "POST", wish.edge, body=body)
        except ConnectorError as error:
            if error.reason != "THREAD_CONTROL_REFUSED":
                raise
            # It is refused also where a call before, whose answer was lost, has done it already.
            present = await self._ask(access, psid)
            if not wish.is_so(present.app_id):
                raise
            return present
        return await self._owner_after(access, psid, wish)

    async def _owner_after(self, access: PageAccess, psid: str, wish: Wish) -> ThreadOwner | None:
        if wish.owner is None:
            return None
        if wish.ours and not access.app_id:
            # The channel does not say which app is ours; Facebook does, now that it is the owner.
            owner = await self._ask(access, psid)
            owner.owned_by_this_app = bool(owner.app_id)
            return owner
        now_ms = self.clock.now_ms()
        expire_ms = None if wish.lasts_ms is None else now_ms + wish.lasts_ms
        return owner_message(wish.owner, access.app_id, now_ms, expire_ms)

    async def _ask(self, access: PageAccess, psid: str) -> ThreadOwner:
        reply = await self._call(access, "GET", "thread_owner", query={"recipient": psid})
        owner = owner_told(reply.body, access.app_id, self.clock.now_ms())
        await self.owners.set(access.page_id, psid, owner)
        return owner

    async def _call(self, access: PageAccess, method: str, edge: str, **content: Any) -> GraphReply:
        """Calls an edge of the page; `content` is the call's query or body."""
        if not access.secrets.page_access_token:
            raise no_token(access.page_id)
        path, version = f"{access.page_id}/{edge}", access.graph_version
        call = GraphCall(method=method, path=path, credentials=access.as_page, version=version, **content)
        try:
            reply = await self.graph.call(call)
        except GraphUnreachableError as error:
            raise unanswered(access.page_id, error) from error
        if not reply.ok or reply.body.get("success") in (False, "false"):
            raise refusal(access.page_id, reply)
        return reply
