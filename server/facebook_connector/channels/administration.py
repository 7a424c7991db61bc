"""What operators do with channels: create, read, list, change, delete. Requests and answers are the API's messages.

A change and the answer to its `request_id` are committed together. Secrets are sealed before the store sees them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from expertflow.connector.v1.channel_pb2 import Channel
from expertflow.connector.v1.channel_service_pb2 import (
    CreateChannelRequest,
    CreateChannelResponse,
    DeleteChannelRequest,
    DeleteChannelResponse,
    ListChannelsRequest,
    ListChannelsResponse,
    UpdateChannelRequest,
    UpdateChannelResponse,
)
from facebook_connector.actors import SERVER
from facebook_connector.channels import rules
from facebook_connector.channels.paging import page_limit, start_after, token_after
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rows import STOPPED, Change, changed_row, channel_message, new_row
from facebook_connector.channels.seal import Keyring
from facebook_connector.channels.state import tell_state
from facebook_connector.errors import ConnectorError
from facebook_connector.sending.failures import channel_gone
from facebook_connector.store.channels import (
    ChannelRow,
    ChannelStore,
    add_channel,
    find_channel,
    remove_channel,
    replace_channel,
)
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.audit import AuditNote, note
from facebook_connector.store.outbound.waiting import fail_waiting
from service_runtime.logs import get_logger

_log = get_logger("channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The channels as operators see them."""

    store: ChannelStore
    requests: OperatorRequests
    keyring: Keyring
    changed: Callable[[str], None]
    """Called with the page id after every committed change."""

    async def create(self, request: CreateChannelRequest) -> CreateChannelResponse:
        """Raises `ConnectorError` INVALID_FIELD, CHANNEL_EXISTS or REQUEST_ID_REUSED."""
        rules.require_valid(request.channel, request.secrets, request.request_id)

        def work(transaction: Transaction, now_ms: int) -> CreateChannelResponse:
            row = new_row(request.channel, request.secrets, self.keyring, now_ms)
            if not add_channel(transaction, row):
                raise ConnectorError(
                    "CHANNEL_EXISTS", "This page has a channel already.", metadata={"page_id": row.page_id}
                )
            return CreateChannelResponse(channel=channel_message(row))

        audited: Audited[CreateChannelResponse] = Audited(target=request.channel.page_id)
        answer, done = await self.requests.run(request, CreateChannelResponse, work, audited)
        if done:
            self._announce("channel created", request.channel.page_id)
        return answer

    async def row(self, page_id: str) -> ChannelRow:
        """The channel as it is kept. Raises `ConnectorError` INVALID_FIELD or CHANNEL_NOT_FOUND."""
        rules.require_page_id(page_id)
        return _found(await self.store.get(page_id), page_id)

    async def get(self, page_id: str) -> Channel:
        """The channel. Raises as `row`."""
        return channel_message(await self.row(page_id))

    async def list(self, request: ListChannelsRequest) -> ListChannelsResponse:
        """Raises `ConnectorError` INVALID_FIELD or PAGE_TOKEN_INVALID."""
        limit = page_limit(request.page_size)
        after = start_after(request.page_token, request.tenant_id, "ListChannels")
        rows = await self.store.list(after=after, limit=limit + 1)
        shown = rows[:limit]
        return ListChannelsResponse(
            channels=[channel_message(row) for row in shown if request.tenant_id in {"", row.tenant_id}],
            next_page_token=token_after(shown[-1].page_id, request.tenant_id) if len(rows) > limit else "",
        )

    async def update(self, request: UpdateChannelRequest) -> UpdateChannelResponse:
        """Raises `ConnectorError` INVALID_FIELD, CHANNEL_NOT_FOUND, ETAG_MISMATCH or REQUEST_ID_REUSED."""
        paths = rules.require_mask(request.update_mask.paths)
        rules.require_valid(request.channel, request.secrets, request.request_id, paths)
        change = Change(channel=request.channel, secrets=request.secrets, paths=paths)

        def work(transaction: Transaction, now_ms: int) -> UpdateChannelResponse:
            row = _expected(transaction, request.channel.page_id, request.channel.etag)
            new = changed_row(row, change, self.keyring, now_ms)
            if not replace_channel(transaction, new, expected_etag=row.etag):
                raise _changed_meanwhile(row)
            _note_resumption(transaction, row, new, request.request_id)
            tell_state(transaction, row, new)
            return UpdateChannelResponse(channel=channel_message(new))

        audited: Audited[UpdateChannelResponse] = Audited(
            target=request.channel.page_id, detail=lambda _: f"fields: {', '.join(sorted(paths))}"
        )
        answer, done = await self.requests.run(request, UpdateChannelResponse, work, audited)
        if done:
            self._announce("channel changed", request.channel.page_id, fields=sorted(paths))
        return answer

    async def delete(self, request: DeleteChannelRequest) -> DeleteChannelResponse:
        """Raises `ConnectorError` INVALID_FIELD, CHANNEL_NOT_FOUND, ETAG_MISMATCH or REQUEST_ID_REUSED."""
        rules.require_page_id(request.page_id)
        rules.require_request_id(request.request_id)

        def work(transaction: Transaction, now_ms: int) -> DeleteChannelResponse:
            row = _expected(transaction, request.page_id, request.etag)
            if not remove_channel(transaction, row.page_id):
                raise _changed_meanwhile(row)
            failed = fail_waiting(transaction, row.page_id, channel_gone(row.page_id), now_ms)
            return DeleteChannelResponse(failed_messages=failed)

        audited: Audited[DeleteChannelResponse] = Audited(
            target=request.page_id, detail=lambda answer: f"waiting messages that failed: {answer.failed_messages}"
        )
        answer, done = await self.requests.run(request, DeleteChannelResponse, work, audited)
        if done:
            self._announce("channel deleted", request.page_id)
        return answer

    def _announce(self, event: str, page_id: str, **details: object) -> None:
        _log.info(event, page_id=page_id, **details)
        self.changed(page_id)


def _note_resumption(transaction: Transaction, old: ChannelRow, new: ChannelRow, request_id: str) -> None:
    """The operator changed secrets; that this starts the channel again is the server's conclusion."""
    if old.state == STOPPED != new.state:
        resumed = AuditNote(
            event_time_ms=new.update_time_ms,
            actor=SERVER,
            action="ChannelResumed",
            target=new.page_id,
            detail=f"was stopped: {old.stop_reason}",
            request_id=request_id,
        )
        note(transaction, resumed)


def _expected(transaction: Transaction, page_id: str, etag: str) -> ChannelRow:
    row = _found(find_channel(transaction, page_id), page_id)
    if etag and etag != row.etag:
        raise _changed_meanwhile(row)
    return row


def _found(row: ChannelRow | None, page_id: str) -> ChannelRow:
    if row is None:
        raise ConnectorError("CHANNEL_NOT_FOUND", "No channel has this page id.", metadata={"page_id": page_id})
    return row


def _changed_meanwhile(row: ChannelRow) -> ConnectorError:
    return ConnectorError(
        "ETAG_MISMATCH",
        "The channel changed since it was read; read it again.",
        metadata={"page_id": row.page_id, "etag": row.etag},
    )
