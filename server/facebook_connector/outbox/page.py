"""One page that this server sends for: its lease, its lanes, its rate, and whether it may send at all."""

from __future__ import annotations

from facebook_connector.sending.kinds import HANDLING, Bucket
from facebook_connector.sending.offers import Offer
from facebook_connector.sending.pace import (
    PAGE_RESTRICTED,
    PER_SECOND,
    READ_AGAIN_MS,
    READS_PER_SECOND,
    SLOWER,
    USAGE_COUNTS_MS,
    Pressure,
    Rate,
    pressure_of,
    rest_ms,
    restriction_ms,
    retry_delay_ms,
)
from facebook_connector.sending.schedule import LaneSchedule
from facebook_connector.sending.values import PageLease, SendingChannel, SendOrigin


class Page:
    """State of one page; it lives as long as the lease does."""

    def __init__(self, lease: PageLease) -> None:
        self.lease = lease
        self.lanes = LaneSchedule()
        self.rates = {bucket: Rate(per_second=per_second) for bucket, per_second in PER_SECOND.items()}
        self.halted = False
        """The channel is stopped: nothing goes until it is not."""
        self._reads = Rate(per_second=READS_PER_SECOND)
        self._read_at_ms: dict[str, int] = {}
        """Lane → when its conversation may be read to settle a doubt."""
        self._was_read: set[str] = set()
        """The lanes in doubt whose conversation was read, and settled nothing."""
        self._resting_until_ms = 0
        self._throttles = 0
        self._unreachable = 0
        self._restrictions = 0
        self._pressure = Pressure.NONE
        self._pressure_until_ms = 0

    @property
    def page_id(self) -> str:
        return self.lease.page_id

    def may_send(self, now_ms: int) -> bool:
        """Whether anything of the page may go now."""
        return not self.halted and now_ms >= self._resting_until_ms

    def halt(self) -> None:
        """Stops all lanes until the channel is started again."""
        self.halted = True
        self.lanes.forget_waiting()

    def resume(self) -> None:
        """The channel may send again; its lanes are read anew from the store."""
        self.halted = False

    def throttled(self, now_ms: int, regain_ms: int, draw: float) -> None:
        """Facebook asks for fewer calls: the page rests, longer each time in a row."""
        if self.may_send(now_ms):
            self._throttles += 1
        self._rest_until(now_ms + rest_ms(max(self._throttles, 1), regain_ms, draw))

    def unreachable(self, now_ms: int, draw: float) -> None:
        """Facebook cannot be reached: the page rests shortly, longer each time in a row."""
        if self.may_send(now_ms):
            self._unreachable += 1
        self._rest_until(now_ms + retry_delay_ms(max(self._unreachable, 1), draw))

    def answered(self, now_ms: int) -> None:
        """Facebook took a message: what was wrong with the page is over, unless that call began before it."""
        if self.may_send(now_ms):
            self._throttles = self._unreachable = self._restrictions = 0

    def restricted(self) -> None:
        """Facebook has restricted the page, once more in a row."""
        self._restrictions += 1

    def may_try_again(self, channel: SendingChannel, now_ms: int) -> bool:
        """Whether a page that Facebook has restricted was left alone for long enough."""
        rest_ms = restriction_ms(max(self._restrictions, 1))
        return channel.stop_reason == PAGE_RESTRICTED and now_ms >= channel.state_time_ms + rest_ms

    def used(self, percent: int | None, now_ms: int) -> None:
        """Facebook said how full the page's rate limits are, if it did."""
        if percent is not None:
            self._pressure, self._pressure_until_ms = pressure_of(percent), now_ms + USAGE_COUNTS_MS

    def pressure(self, now_ms: int) -> Pressure:
        """How near the page is to its limits, by what Facebook said lately."""
        return self._pressure if now_ms < self._pressure_until_ms else Pressure.NONE

    def held_back_until_ms(self, origin: SendOrigin, now_ms: int) -> int | None:
        """Until when a message of this origin leaves what is left of the limits to others; None: it may go."""
        if origin is SendOrigin.HUMAN or self.pressure(now_ms) is not Pressure.HUMANS_ONLY:
            return None
        return self._pressure_until_ms

    def place_ms(self, bucket: Bucket, now_ms: int) -> int:
        """Takes the next place of a call, and returns how long to wait for it."""
        slower = 1 if self.pressure(now_ms) is Pressure.NONE else SLOWER
        return self.rates[bucket].take(now_ms, slower)

    def takes_at_once(self, offer: Offer, now_ms: int) -> bool:
        """Whether the message may be sent the moment it is accepted: then its lane is active, and it has its place."""
        first = HANDLING[offer.kinds[0]] if offer.kinds else None
        if first is None or first.uploads or not self.rates[first.bucket].is_free(now_ms):
            return False
        if not self.may_send(now_ms) or self.held_back_until_ms(offer.origin, now_ms) is not None:
            return False
        if not self.lanes.take(offer.psid):
            return False
        self.place_ms(first.bucket, now_ms)
        return True

    def read_at_ms(self, psid: str, now_ms: int, *, in_doubt: bool) -> int | None:
        """When the conversation of a lane in doubt may be read; None for another lane, or while the page rests."""
        if not in_doubt:
            self.doubt_ended(psid)
        if not in_doubt or not self.may_send(now_ms):
            return None
        if psid not in self._read_at_ms:
            self._read_at_ms[psid] = now_ms + self._reads.take(now_ms)
        return self._read_at_ms[psid]

    def is_unread(self, psid: str) -> bool:
        """Whether the conversation of a lane in doubt still waits for its first turn."""
        return psid in self._read_at_ms and psid not in self._was_read

    def to_be_read_again(self, psid: str, now_ms: int, *, unread: bool) -> None:
        """Reading a conversation settled nothing, or could not be done now (`unread`): there is another turn."""
        if not unread:
            self._was_read.add(psid)
        self._read_at_ms[psid] = now_ms + READ_AGAIN_MS + self._reads.take(now_ms)

    def doubt_ended(self, psid: str) -> None:
        """Nothing of the lane is in doubt any more."""
        self._read_at_ms.pop(psid, None)
        self._was_read.discard(psid)

    def _rest_until(self, until_ms: int) -> None:
        self._resting_until_ms = max(self._resting_until_ms, until_ms)
        self.lanes.forget_waiting()
