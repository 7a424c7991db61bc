"""What sending asks of the other rooms: the channels, and the durable queue of the store."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from cim_messenger.outbound import MediaReference
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.media import AttachmentKey, Taken
from facebook_connector.sending.offers import Acceptance, Offer
from facebook_connector.sending.reconciliation import Claims
from facebook_connector.sending.values import (
    Closing,
    Failure,
    Lane,
    LaneHead,
    MessageKey,
    OutboundDetails,
    OutboundStatus,
    PageLease,
    PartBeginning,
    PartSettlement,
    SendingChannel,
    Settled,
)


class ChannelDirectory(Protocol):
    """The channels as sending sees them; kept by `channels`."""

    async def open(self, page_id: str) -> SendingChannel | None:
        """The channel with its secrets opened, from a cache that follows every change; None: no such channel."""
        ...

    async def stop(self, channel: SendingChannel, reason: str, error: GraphError) -> None:
        """Stops the channel (until an operator starts it again, or a restriction is over) and raises the alarm.

        Does nothing if the stored channel's etag is no longer the given one: the refused token has been replaced.
        """
        ...

    async def throttle(self, channel: SendingChannel, detail: str) -> None:
        """Shows that the channel rests because Facebook asks for fewer calls. Nothing on another etag, as `stop`."""
        ...

    async def recover(self, channel: SendingChannel) -> None:
        """Shows that the channel sends again after a throttle, or lets one try again that Facebook has restricted.

        Does nothing on another etag, as `stop`, and where something else stopped the channel.
        """
        ...

    async def clear_human_agent(self, channel: SendingChannel) -> None:
        """Records that the app lacks the Human Agent feature. Does nothing on another etag, as `stop`."""
        ...


class OutboundLog(Protocol):
    """What the outbox needs of `store.outbound.OutboundStore`: each method is one transaction."""

    async def find_mid(self, page_id: str, cim_id: str) -> str:
        """Messenger's id of a message received or sent, of its first part; empty if none is known (a read)."""
        ...

    async def accept(self, offer: Offer) -> Acceptance:
        """Stores the message at the end of its lane, its position taken under the ordering key's row lock.

        The key (page, CIM id) decides: stored with the same `content_hash` → REPEATED, with another → CONFLICT. Raises
        what `offer.record` raises, with nothing stored.
        A record without parts is stored closed: FAILED if it brings a failure, SENT if it is done, else IGNORED.
        History: one entry of the message with its state, and with the failure's detail.
        With a head start (see `HeadStart`) the first part is begun, as by `begin_part`, if the message is the only open
        one of its lane, nothing has to be read for that, and the epoch is the present one.
        """
        ...

    async def get(self, cim_id: str, page_id: str = "") -> tuple[OutboundDetails, ...]:
        """The message with its history; without a page those of every page under this CIM id, at most two (a read)."""
        ...

    async def statuses(self, keys: tuple[MessageKey, ...]) -> tuple[OutboundStatus, ...]:
        """The present states of the messages that exist, in any order (a read)."""
        ...

    async def acquire_pages(self, owner: str, now_ms: int, until_ms: int) -> tuple[PageLease, ...]:
        """Takes every page that has open messages and whose lease is free or ended; not those the owner holds.

        A lease row is made on first need. The epoch grows by one. In the same transaction every part of the page
        found SENDING becomes UNCERTAIN since `now_ms` (and its message with it): a call was begun whose end nobody
        saw. Where only one server can exist (SQLite) every other owner's lease counts as ended.
        """
        ...

    async def renew_pages(self, leases: tuple[PageLease, ...], now_ms: int, until_ms: int) -> tuple[PageLease, ...]:
        """Moves the ends of leases; those lost to another owner or epoch are missing in the answer."""
        ...

    async def release_pages(self, leases: tuple[PageLease, ...], now_ms: int) -> None:
        """Gives pages back at a graceful stop, so that another server takes them at once."""
        ...

    async def open_lanes(self, page_ids: tuple[str, ...]) -> tuple[Lane, ...]:
        """All lanes of the pages that hold an open message, the longest waiting first (a read, polled each second)."""
        ...

    async def uncertain_lanes(self, page_ids: tuple[str, ...]) -> tuple[Lane, ...]:
        """Those of them whose head is UNCERTAIN (a read): they must be settled even while nothing may be sent."""
        ...

    async def lane_head(self, lane: Lane) -> LaneHead | None:
        """The oldest open message of the lane; None: the lane is empty (a read)."""
        ...

    async def begin_part(self, beginning: PartBeginning) -> bool:
        """Commits SENDING. False, and nothing done: the epoch is old, or the part is not QUEUED in an open message."""
        ...

    async def settle_part(self, settlement: PartSettlement) -> Settled:
        """Commits what came of a call (see `PartSettlement`) and returns what stands then.

        In the same transaction: the message's state by `settlement.message_outcome`, and the mid ↔ CIM id row.
        """
        ...

    async def thread_owner(self, lane: Lane) -> str:
        """The app that controls the conversation, as far as events told; empty: nobody knows (a read)."""
        ...

    async def claims(self, page_id: str, cim_id: str, index: int, mids: tuple[str, ...]) -> Claims:
        """When the part's last call began, and which of the Messenger ids are known to be something else (a read)."""
        ...

    async def settle_unsent(self, settlement: PartSettlement) -> OutboundStatus:
        """Commits what came of a part before any call was made for it: QUEUED (put off) or FAILED.

        Taken only under the present epoch and while the part is QUEUED in an open message; returns the state then.
        """
        ...

    async def close(self, closing: Closing) -> OutboundStatus:
        """Ends an open message (see `Closing`); does nothing under an old epoch or when it is closed already."""
        ...

    async def expire_due(self, leases: tuple[PageLease, ...], now_ms: int, limit: int) -> tuple[OutboundStatus, ...]:
        """Fails with EXPIRED the pages' open messages past their time, except where a part is SENDING or UNCERTAIN.

        Metadata `expire_time`, RFC 3339. Called every few seconds; mostly there is nothing to do.
        """
        ...


class MediaSource(Protocol):
    """Where the bytes of media come from; kept by `media`."""

    def refusal(self, medium: MediaReference) -> Failure | None:
        """Why the medium may not be fetched at all, as far as its address tells; None: it may be tried."""
        ...

    def take(self, medium: MediaReference) -> AbstractAsyncContextManager[Taken]:
        """Gets hold of a medium while the block lasts. Raises `MediaFailedError` and `StoreUnavailable`."""
        ...


class AttachmentLog(Protocol):
    """What pages have uploaded: each method of `store.attachments.AttachmentStore` is one transaction."""

    async def find(self, key: AttachmentKey, *, now_ms: int) -> str:
        """Facebook's id of an equal upload; empty: there is none, or it is too old (a read)."""
        ...

    async def keep(self, key: AttachmentKey, attachment_id: str, *, now_ms: int) -> None:
        """Notes an upload, in place of an earlier one of the same."""
        ...

    async def drop(self, page_id: str, attachment_ids: Collection[str]) -> None:
        """Forgets ids of a page that Facebook does not take any more."""
        ...
