"""The channels as the rest of the server uses them: opened, from a cache, for sending and for verifying webhooks.

Implements `sending.ports.ChannelDirectory`. A channel whose secrets cannot be opened counts as one that may not send:
its messages wait until an operator enters the secrets anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cim_messenger.outbound import DEFAULT_EDITED_MARKER, DEFAULT_PROMPT
from expertflow.connector.v1.ingest_service_pb2 import ListWebhookKeysResponse
from facebook_connector.actors import SERVER
from facebook_connector.channels.refusals import explain, number
from facebook_connector.channels.rows import (
    ACTIVE,
    STOPPED,
    THROTTLED,
    access_of,
    active_row,
    new_etag,
    stopped_row,
    throttled_row,
)
from facebook_connector.channels.seal import Keyring, SealError
from facebook_connector.channels.state import tell_state
from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.channels.webhook_keys import takes_unsigned, webhook_keys
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.pace import PAGE_RESTRICTED
from facebook_connector.sending.values import SendingChannel
from facebook_connector.store.channels import ChannelRow, ChannelStore, find_channel, replace_channel
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping.audit import AuditNote, note
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

CACHE_S = 1.0
"""How long a channel is used unread. Changes count at once, wherever they were made; should another server's notice be
lost, within this."""

ROWS_AT_ONCE = 500

NO_TOKEN_REASON = "PAGE_TOKEN_REJECTED"  # noqa: S105 - a reason
"""Why a channel without a usable page token does not send."""

REMEDIES = {
    "PAGE_TOKEN_REJECTED": "Set a new page access token, or the right app secret if that is what is refused.",
    "PAGE_RESTRICTED": "It is tried again by itself after half an hour, then ever less often, at least every 4 hours. "
    "Once it is settled with Meta, setting the page access token again resumes at once.",
}
"""What an operator does about a stopped channel, by reason."""

_log = get_logger("channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    channel: SendingChannel | None
    until: float


class Directory:
    """Opens channels and keeps them opened for a moment."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._store = ChannelStore(database)
        self._keyring = keyring
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._changes = 0
        self._complained: dict[str, str] = {}

    async def open(self, page_id: str) -> SendingChannel | None:
        """See `sending.ports.ChannelDirectory.open`."""
        kept = self._kept.get(page_id)
        if kept is not None and self._clock.monotonic() < kept.until:
            return kept.channel
        changes = self._changes
        row = await self._store.get(page_id)
        channel = None if row is None else self._sending(row)
        # A row read before a change must not outlive it in the cache.
        if changes == self._changes:
            self._kept[page_id] = _Kept(channel=channel, until=self._clock.monotonic() + CACHE_S)
        return channel

    async def stop(self, channel: SendingChannel, reason: str, error: GraphError) -> None:
        """See `sending.ports.ChannelDirectory.stop`."""
        detail = " ".join(filter(None, (explain(error), REMEDIES.get(reason))))
        now_ms = self._clock.now_ms()
        told = _told(channel, "ChannelStopped", f"{reason} ({number(error)})", now_ms)

        def stopped(row: ChannelRow) -> ChannelRow | None:
            return None if row.state == STOPPED else stopped_row(row, reason, detail, now_ms)

        if await self._change(channel, stopped, told):
            _log.error("channel stopped", page_id=channel.page_id, reason=reason, provider_error=number(error))

    async def throttle(self, channel: SendingChannel, detail: str) -> None:
        """See `sending.ports.ChannelDirectory.throttle`."""
        now_ms = self._clock.now_ms()

        def throttled(row: ChannelRow) -> ChannelRow | None:
            return throttled_row(row, detail, now_ms) if row.state == ACTIVE else None

        await self._change(channel, throttled, _told(channel, "ChannelThrottled", "", now_ms))

    async def recover(self, channel: SendingChannel) -> None:
        """See `sending.ports.ChannelDirectory.recover`."""
        now_ms = self._clock.now_ms()

        def recovered(row: ChannelRow) -> ChannelRow | None:
            passing = row.state == THROTTLED or row.stop_reason == PAGE_RESTRICTED
            return active_row(row, now_ms) if passing else None

        why = f"was stopped: {channel.stop_reason}" if channel.stop_reason else "was throttled"
        if await self._change(channel, recovered, _told(channel, "ChannelResumed", why, now_ms)):
            _log.info("channel sends again", page_id=channel.page_id, why=why)

    async def clear_human_agent(self, channel: SendingChannel) -> None:
        """See `sending.ports.ChannelDirectory.clear_human_agent`."""
        now_ms = self._clock.now_ms()

        def cleared(row: ChannelRow) -> ChannelRow | None:
            if row.state == STOPPED:
                return None
            return replace(row, human_agent_enabled=False, etag=new_etag(), update_time_ms=now_ms)

        if await self._change(channel, cleared, _told(channel, "HumanAgentCleared", "", now_ms)):
            _log.error("the app lacks the Human Agent feature", page_id=channel.page_id)

    async def webhook_keys(self) -> ListWebhookKeysResponse:
        """The answer to `IngestService.ListWebhookKeys`."""
        # The number first: keys that change meanwhile are then asked for once too often, never too seldom.
        revisions = await self._store.revisions()
        return webhook_keys(await self._all(), str(revisions.keys))

    async def unsigned_page_ids(self) -> tuple[str, ...]:
        """The pages that take unsigned webhooks."""
        return tuple(access.page_id for access in await self._all() if takes_unsigned(access))

    def forget(self, page_id: str) -> None:
        """The channel changed: what is kept of it counts no more."""
        self._changes += 1
        self._kept.pop(page_id, None)

    def forget_all(self) -> None:
        """Any channel may have changed."""
        self._changes += 1
        self._kept.clear()

    def access(self, row: ChannelRow) -> PageAccess:
        """The channel with its secrets opened; without any if one of them does not open."""
        try:
            return access_of(row, self._keyring)
        except SealError as error:
            self._complain(row, error)
            # A channel that has a secret, readable or not, never takes unsigned webhooks.
            bare = access_of(replace(row, secrets=(), allow_unsigned=False), self._keyring)
            return replace(bare, sealed=True)

    def _complain(self, row: ChannelRow, error: SealError) -> None:
        """Logs once that secrets do not open; again when they were entered anew and still do not."""
        if self._complained.get(row.page_id) != row.etag:
            self._complained[row.page_id] = row.etag
            _log.error("a channel's secrets cannot be opened", page_id=row.page_id, problem=str(error))

    async def _all(self) -> list[PageAccess]:
        found: list[PageAccess] = []
        after = ""
        while rows := await self._store.list(after=after, limit=ROWS_AT_ONCE):
            found += map(self.access, rows)
            after = rows[-1].page_id
        return found

    async def _change(
        self, channel: SendingChannel, changed: Callable[[ChannelRow], ChannelRow | None], told: AuditNote
    ) -> bool:
        """Writes a change, if there is one, unless the etag is no longer the given one; whether it was written."""

        def work(transaction: Transaction) -> bool:
            row = find_channel(transaction, channel.page_id)
            if row is None or row.etag != channel.etag or (new := changed(row)) is None:
                return False
            replaced = replace_channel(transaction, new, expected_etag=row.etag)
            if replaced:
                note(transaction, told)
                tell_state(transaction, row, new)
            return replaced

        done = await self._database.write(work)
        self.forget(channel.page_id)
        return done

    def _sending(self, row: ChannelRow) -> SendingChannel:
        secrets: Secrets = self.access(row).secrets
        return SendingChannel(
            page_id=row.page_id,
            etag=row.etag,
            page_token=secrets.page_access_token,
            app_secret=secrets.app_secrets[0] if secrets.app_secrets else "",
            graph_version=row.graph_version,
            human_agent_enabled=row.human_agent_enabled,
            default_prompt=(row.default_prompt or "").strip() or DEFAULT_PROMPT,
            allow_custom=row.allow_custom,
            edited_marker=DEFAULT_EDITED_MARKER if row.edited_marker is None else row.edited_marker,
            stop_reason=row.stop_reason or ("" if secrets.page_access_token else NO_TOKEN_REASON),
            throttled=row.state == THROTTLED,
            state_time_ms=row.state_time_ms,
        )


def _told(channel: SendingChannel, action: str, detail: str, now_ms: int) -> AuditNote:
    return AuditNote(event_time_ms=now_ms, actor=SERVER, action=action, target=channel.page_id, detail=detail)
