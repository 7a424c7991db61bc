"""One pass over a lane: sends what can be sent now, part by part, and says when to come back.

The order of the commits is the promise: SENDING before the call, the outcome after it, and only then the next part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from cim_messenger.outbound import UploadedMedia
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import MEDIA_TIMEOUT_S, READ_TIMEOUT_S
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.outbox.heeding import heed_channel, heed_page
from facebook_connector.outbox.page import Page
from facebook_connector.outbox.reconciling import reconcile
from facebook_connector.outbox.thread_owner import naming_owner
from facebook_connector.outbox.uploads import Target, UploadRefusedError
from facebook_connector.sending.answers import Outcome, after_answer, not_called
from facebook_connector.sending.graph_answers import SendAnswer
from facebook_connector.sending.kinds import HANDLING, Bucket
from facebook_connector.sending.lane import (
    Abandoned,
    Call,
    GiveUp,
    Halt,
    Look,
    Repairs,
    Rest,
    Situation,
    Upload,
    call_unseen,
    needs_reading,
    next_step,
)
from facebook_connector.sending.media import MediaFailedError
from facebook_connector.sending.offers import Acceptance, HeadStart, Offer
from facebook_connector.sending.reconciliation import Unreadable
from facebook_connector.sending.uploading import after_missing_media, after_refused_upload
from facebook_connector.sending.values import (
    Closing,
    Lane,
    LaneHead,
    LanePart,
    PartBeginning,
    PartSettlement,
    PartState,
    SendingChannel,
    Settled,
)
from facebook_connector.store.errors import StoreError, StoreUnavailable
from service_runtime.backoff import Backoff
from service_runtime.lifecycle import unless
from service_runtime.logs import get_logger

T = TypeVar("T")

log = get_logger("outbox")

BEGUN = "Sent to Facebook."
"""What the history says of a call that begins."""

LOOK_AGAIN_MS = 1_000
"""When a lane is looked at again after its head was changed by somebody else, or the store was away."""
TIMEOUT_S: Mapping[Bucket, float] = MappingProxyType({Bucket.TEXT: READ_TIMEOUT_S, Bucket.MEDIA: MEDIA_TIMEOUT_S})
"""How long Facebook may take for a send, by the rate that it counts to."""
STORE_RETRY = Backoff(first=0.1, cap=5)
"""For what must become known or be made known whatever happens, such as an outcome that is known here only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The pass ends; `until_ms` says when to come back, None that nothing is left or the whole page waits."""

    until_ms: int | None


class LanePass:
    """Works on one lane of a page until it is empty or must wait."""

    def __init__(self, context: OutboxContext, page: Page, lane: Lane, draining: asyncio.Event) -> None:
        self._context = context
        self._page = page
        self._lane = lane
        self._draining = draining
        self._repairs = Repairs()
        self._uploaded: dict[int, tuple[UploadedMedia, ...]] = {}
        self._cim_id = ""

    async def run(self, head: LaneHead | None = None) -> int | None:
        """When to come back, in milliseconds since the epoch; None: when woken.

        `head` may have changed since it was told: whatever is done to it looks at it again, under its locks.
        """
        try:
            return await self._run(head)
        except StoreUnavailable:
            return self._look_again().until_ms

    async def accept(self, offer: Offer, accepted: asyncio.Future[Acceptance]) -> int | None:
        """Accepts a message for the lane, beginning its first call in the same commit; goes on, and returns, as `run`.

        `accepted` is told. Whoever waits there may have left by then: the message goes out all the same.
        """
        try:
            return await self._accept(offer, accepted)
        except StoreUnavailable:
            return self._look_again().until_ms
        except Exception as error:
            # A defect of ours: whoever waits hears of it, too.
            _tell(accepted, error)
            raise
        finally:
            # Where this pass was cut off, nobody is left waiting.
            accepted.cancel()

    async def _run(self, head: LaneHead | None) -> int | None:
        while not self._draining.is_set():
            head = head or await self._context.log.lane_head(self._lane)
            pause = Pause(until_ms=None) if head is None else await self._step(head)
            if pause is not None:
                return pause.until_ms
            head = None
        return None

    async def _accept(self, offer: Offer, accepted: asyncio.Future[Acceptance]) -> int | None:
        try:
            channel = await self._context.channels.open(self._lane.page_id)
            at_first = partial(self._at_first, channel, offer.now_ms)
            start = HeadStart(epoch=self._page.lease.epoch, plan=lambda head: _first_call(at_first(head)), detail=BEGUN)
            acceptance = await self._context.log.accept(replace(offer, head_start=start))
        except StoreUnavailable as away:
            _tell(accepted, away)
            await self._take_back(offer)
            return await self._run(None)
        except (ConnectorError, StoreError) as refused:
            _tell(accepted, refused)
            return None
        if not accepted.done():
            accepted.set_result(acceptance)
        head, call = acceptance.head, acceptance.begun
        if head is None or call is None or channel is None:
            return await self._run(head) if acceptance.status.open else None
        self._cim_id = head.cim_id
        pause = await self._finish(at_first(head), call, channel)
        return await self._run(None) if pause is None else pause.until_ms

    def _at_first(self, channel: SendingChannel | None, now_ms: int, head: LaneHead) -> Situation:
        """Of a head for which nothing was done yet."""
        return Situation(
            head=head,
            channel=channel,
            epoch=self._page.lease.epoch,
            installation=self._context.installation,
            now_ms=now_ms,
        )

    async def _take_back(self, offer: Offer) -> None:
        """The acceptance may have been committed all the same; nobody must take what it began for a call."""
        head = await self._insist(partial(self._context.log.lane_head, self._lane))
        if head is None or head.cim_id != offer.cim_id:
            return
        for part in head.parts:
            if part.state is PartState.SENDING:
                await self._commit(not_called(await self._situation(head), part))

    async def _step(self, head: LaneHead) -> Pause | None:
        """Does the next thing for the head; None: go on with the pass."""
        situation = await self._situation(head)
        match next_step(situation):
            case Rest(until_ms=until_ms):
                return Pause(until_ms=until_ms)
            case Halt():
                self._page.halt()
                return Pause(until_ms=None)
            case Abandoned(settlement=settlement):
                await self._commit(settlement)
                return self._look_again()
            case Look() as step:
                return await self._look(situation, step)
            case GiveUp() as step:
                return await self._give_up(situation, step)
            case Call() | Upload() if not self._page.may_send(situation.now_ms):
                return Pause(until_ms=None)
            case Call() | Upload() if held_ms := self._page.held_back_until_ms(head.origin, situation.now_ms):
                return Pause(until_ms=held_ms)
            case Call() as call:
                return await self._call(situation, call)
            case Upload(part=part):
                return await self._upload(situation, part)

    async def _situation(self, head: LaneHead) -> Situation:
        if head.cim_id != self._cim_id:
            self._cim_id, self._repairs, self._uploaded = head.cim_id, Repairs(), {}
        now_ms = self._now()
        return Situation(
            head=head,
            channel=await self._context.channels.open(self._lane.page_id),
            epoch=self._page.lease.epoch,
            installation=self._context.installation,
            now_ms=now_ms,
            repairs=self._repairs,
            read_at_ms=self._page.read_at_ms(self._lane.psid, now_ms, in_doubt=needs_reading(head, now_ms)),
            unread=self._page.is_unread(self._lane.psid),
            uploaded=self._uploaded,
        )

    async def _look(self, situation: Situation, step: Look) -> Pause | None:
        found = None
        if situation.channel is not None:
            found = await reconcile(self._context, situation, step.part, situation.channel)
        if isinstance(found, PartSettlement):
            self._page.doubt_ended(self._lane.psid)
            await self._commit(found)
            return None
        unread = isinstance(found, Unreadable) and found.passing
        self._page.to_be_read_again(self._lane.psid, self._now(), unread=unread)
        return self._look_again()

    async def _give_up(self, situation: Situation, step: GiveUp) -> Pause | None:
        closing = Closing(
            page_id=self._lane.page_id,
            cim_id=situation.head.cim_id,
            epoch=situation.epoch,
            now_ms=situation.now_ms,
            failure=step.failure,
        )
        status = await self._context.log.close(closing)
        self._context.tell(status)
        log.info("message given up", page=status.page_id, message=status.cim_id, reason=step.failure.reason)
        # Still open: the page belongs to another server now.
        return self._look_again() if status.open else None

    async def _call(self, situation: Situation, call: Call) -> Pause | None:
        """Begins, calls, settles."""
        channel = situation.channel
        assert channel is not None, "no call is planned without a channel"
        await asyncio.sleep(self._page.place_ms(HANDLING[call.part.kind].bucket, self._now()) / 1000)
        if not self._page.may_send(self._now()):
            return Pause(until_ms=None)
        if not await self._begin(situation, call):
            return self._look_again()
        return await self._finish(situation, call, channel)

    async def _finish(self, situation: Situation, call: Call, channel: SendingChannel) -> Pause | None:
        """Makes the call that was begun, and settles it."""
        answer = await self._answer(situation, call, channel)
        outcome = after_answer(replace(situation, now_ms=self._now()), call, answer, self._context.random())
        outcome = await naming_owner(self._context, self._lane, outcome)
        heed_page(self._context, self._page, self._lane, outcome)
        settled = await self._commit(outcome.settlement)
        await heed_channel(self._context, self._page, channel, outcome)
        await self._heed_media(outcome, call.part)
        # Most lanes are empty then, and need no look to see that. Who accepts another message wakes the lane.
        return None if settled.status.open or settled.followed else Pause(until_ms=None)

    async def _upload(self, situation: Situation, part: LanePart) -> Pause | None:
        """Brings the part's media to Facebook. Nothing is begun for the part meanwhile: a crash leaves it queued."""
        channel, uploads = situation.channel, self._context.uploads
        assert channel is not None, "nothing is uploaded without a channel"
        with uploads.places.place(self._lane, lambda: self._page.lanes.wake(self._lane.psid)) as free:
            if not free:
                return self._look_again()
            target = Target(channel=channel, part=part, repairs=situation.repairs, pace=self._upload_turn)
            try:
                uploaded = await unless(self._draining, uploads.bring(target))
            except MediaFailedError as missing:
                settlement = after_missing_media(self._at_present(situation), part, missing, self._context.random())
                return await self._settle_unsent(settlement)
            except UploadRefusedError as refused:
                return await self._upload_refused(situation, part, channel, refused)
        if uploaded is not None:
            self._uploaded[part.index] = uploaded
        return None

    async def _upload_turn(self) -> None:
        await asyncio.sleep(self._page.rates[Bucket.UPLOAD].take(self._now()) / 1000)

    async def _upload_refused(
        self, situation: Situation, part: LanePart, channel: SendingChannel, refused: UploadRefusedError
    ) -> Pause | None:
        outcome = after_refused_upload(self._at_present(situation), part, refused.answer, self._context.random())
        self._repairs = outcome.repairs
        heed_page(self._context, self._page, self._lane, outcome)
        pause = await self._settle_unsent(outcome.settlement)
        await heed_channel(self._context, self._page, channel, outcome)
        return pause

    async def _settle_unsent(self, settlement: PartSettlement) -> Pause | None:
        status = await self._context.log.settle_unsent(settlement)
        self._context.tell(status)
        present = next(part.state for part in status.parts if part.index == settlement.index)
        # Otherwise the page belongs to another server now, or the message has ended.
        return None if present is settlement.state else self._look_again()

    async def _heed_media(self, outcome: Outcome, part: LanePart) -> None:
        """Facebook could not use the part's media as they are: they are brought anew."""
        if outcome.repairs.media != self._repairs.media:
            uploaded = self._uploaded.pop(part.index, ())
            if outcome.repairs.uploaded_anew:
                await self._context.uploads.forget(self._lane.page_id, uploaded)
        self._repairs = outcome.repairs

    def _at_present(self, situation: Situation) -> Situation:
        return replace(situation, now_ms=self._now())

    async def _begin(self, situation: Situation, call: Call) -> bool:
        """Commits SENDING; False: the part is not ours to send."""
        beginning = PartBeginning(
            page_id=self._lane.page_id,
            cim_id=situation.head.cim_id,
            index=call.part.index,
            epoch=situation.epoch,
            now_ms=self._now(),
            detail=BEGUN,
        )
        try:
            return await self._context.log.begin_part(beginning)
        except StoreUnavailable:
            # It may have been committed all the same; nobody must take that for a call.
            await self._commit(not_called(situation, call.part))
            return False

    async def _answer(self, situation: Situation, call: Call, channel: SendingChannel) -> SendAnswer:
        try:
            return await self._context.api.send(channel, call.body, TIMEOUT_S[HANDLING[call.part.kind].bucket])
        except Exception:
            # A defect of ours in the middle of a call: what Facebook did is not known.
            await self._commit(call_unseen(situation, call.part))
            raise

    async def _commit(self, settlement: PartSettlement) -> Settled:
        """Commits an outcome, however long the store is away."""
        settled = await self._insist(partial(self._context.log.settle_part, settlement))
        self._context.tell(settled.status)
        return settled

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks the store until it is there."""
        attempt = 0
        while True:
            try:
                return await ask()
            except StoreUnavailable:
                attempt += 1
                await asyncio.sleep(STORE_RETRY.delay(attempt, self._context.random))

    def _look_again(self) -> Pause:
        return Pause(until_ms=self._now() + LOOK_AGAIN_MS)

    def _now(self) -> int:
        return self._context.clock.now_ms()


def _first_call(situation: Situation) -> Call | None:
    step = next_step(situation)
    return step if isinstance(step, Call) else None


def _tell(accepted: asyncio.Future[Acceptance], error: Exception) -> None:
    if not accepted.done():
        accepted.set_exception(error)
