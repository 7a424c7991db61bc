"""The Messenger profile of a page, as operators read and change it at Facebook. Nothing of it is kept here.

Facebook counts the calls, so that a change makes as few as it can: one that reads, and one each if something is to be
set and to be deleted. All may be repeated: a change that stopped half-way is made whole by the same call again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from expertflow.connector.v1.channel_pb2 import MessengerProfile
from expertflow.connector.v1.channel_service_pb2 import (
    GetMessengerProfileRequest,
    GetMessengerProfileResponse,
    UpdateMessengerProfileRequest,
    UpdateMessengerProfileResponse,
)
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.profile_limits import require_within_limits
from facebook_connector.channels.profile_properties import PROPERTIES, changed_profile, difference, profile_told
from facebook_connector.channels.refusals import no_token, refused, unanswered
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_page_id, require_request_id
from facebook_connector.channels.values import PageAccess
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.graph.client import GraphCall, GraphClient, GraphUnreachableError
from facebook_connector.graph.reply import GraphReply

CALLS_USED_UP: Final = 613
WINDOW_MS: Final = 600_000
"""Facebook allows 10 calls on a page's profile in so long a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerProfiles:
    """The Messenger profiles of all channels."""

    channels: Channels
    directory: Directory
    requests: OperatorRequests
    graph: GraphClient

    async def get(self, request: GetMessengerProfileRequest) -> GetMessengerProfileResponse:
        """Raises `ConnectorError` as `Channels.row`, or what Facebook's refusal means; see `refusals`."""
        access = self.directory.access(await self.channels.row(request.page_id))
        return GetMessengerProfileResponse(profile=await self._read(access))

    async def update(self, request: UpdateMessengerProfileRequest) -> UpdateMessengerProfileResponse:
        """Raises `ConnectorError` as `get`, INVALID_FIELD or CONTENT_LIMIT_EXCEEDED."""
        paths = _required(request)
        if (first := await self.requests.first_answer(request, UpdateMessengerProfileResponse)) is not None:
            return first
        access = self.directory.access(await self.channels.row(request.page_id))
        changed = await self._change(access, request.profile, paths)
        response = UpdateMessengerProfileResponse(profile=changed)
        audited: Audited[UpdateMessengerProfileResponse] = Audited(
            target=request.page_id, detail=lambda _: f"fields: {', '.join(sorted(paths))}"
        )
        answer, _ = await self.requests.run(
            request, UpdateMessengerProfileResponse, lambda _transaction, _now_ms: response, audited
        )
        return answer

    async def _change(self, access: PageAccess, new: MessengerProfile, paths: Collection[str]) -> MessengerProfile:
        present = await self._read(access)
        wanted = changed_profile(present, new, paths)
        if wanted.persistent_menus and not wanted.get_started_payload:
            refuse([_menu_alone(paths)])
        told = difference(present, wanted)
        if told.set:
            await self._call(access, "POST", body=told.set)
        if told.deleted:
            await self._call(access, "DELETE", query={"fields": ",".join(told.deleted)})
        return wanted

    async def _read(self, access: PageAccess) -> MessengerProfile:
        names = ",".join(one.name for one in PROPERTIES.values())
        return profile_told((await self._call(access, "GET", query={"fields": names})).body)

    async def _call(self, access: PageAccess, method: str, **content: Any) -> GraphReply:
        """Calls the edge; `content` is the call's query or body."""
        if not access.secrets.page_access_token:
            raise no_token(access.page_id)
        path, version = f"{access.page_id}/messenger_profile", access.graph_version
        call = GraphCall(method=method, path=path, credentials=access.as_page, version=version, **content)
        try:
            reply = await self.graph.call(call)
        except GraphUnreachableError as error:
            raise unanswered(access.page_id, error) from error
        if not reply.ok:
            raise _refusal(access.page_id, reply)
        return reply


def _required(request: UpdateMessengerProfileRequest) -> frozenset[str]:
    """The paths of the mask of a request that may go on."""
    require_page_id(request.page_id)
    require_request_id(request.request_id)
    paths = frozenset(request.update_mask.paths)
    refuse(_mask_faults(paths))
    require_within_limits(request.profile, paths)
    return paths


def _mask_faults(paths: Collection[str]) -> Iterable[FieldViolation]:
    if not paths:
        yield FieldViolation(field="update_mask", description="must name at least one property")
    for path in sorted(set(paths) - PROPERTIES.keys()):
        said = f"{path[:64]!r} is no property; there are {', '.join(PROPERTIES)}"
        yield FieldViolation(field="update_mask", description=said)


def _menu_alone(paths: Collection[str]) -> FieldViolation:
    """Facebook refuses a persistent menu on a page that has no Get Started button."""
    if "get_started_payload" in paths:
        said = "cannot be deleted while there is a persistent menu: delete persistent_menus in the same call"
    else:
        said = "is required before a persistent menu: set it in the same call"
    return FieldViolation(field="profile.get_started_payload", description=said)


def _refusal(page_id: str, reply: GraphReply) -> ConnectorError:
    """Facebook's general limits free up within a minute, the one of this edge within ten."""
    error = refused(page_id, reply)
    used_up = reply.error is not None and reply.error.code == CALLS_USED_UP
    if not used_up or reply.usage.regain_ms or error.reason != "PROVIDER_THROTTLED":
        return error
    said = "Facebook takes 10 calls in 10 minutes about a page's Messenger profile, and they are used up"
    return ConnectorError(
        error.reason,
        f"{said} ({CALLS_USED_UP}); try again in 10 minutes.",
        metadata=error.metadata,
        retry_delay_ms=WINDOW_MS,
    )
