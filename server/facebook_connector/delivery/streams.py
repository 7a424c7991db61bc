"""The open streams of one subscription on this server, and which of them claims how much next."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from facebook_connector.delivery.frames import Result
from facebook_connector.delivery.limits import CLAIM_BATCH, CLAIM_MARGIN_MS, DEFAULT_ACK_DEADLINE_MS, FRAME_BYTES
from facebook_connector.delivery.stream import Phase, Stream, StreamOptions
from facebook_connector.delivery.values import ClaimRequest
from facebook_connector.delivery.work import Claim


class Streams:
    """Streams by number; numbers are never used again."""

    def __init__(self, *, subscription_id: int, owner: str) -> None:
        self._subscription_id = subscription_id
        self._owner = owner
        self._streams: dict[int, Stream] = {}
        self._opened = 0
        self._touched: set[int] = set()
        self._ready_times: list[int] = []
        """Heap of the times at which the store will have something; distinct."""

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._streams.values())

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, options: StreamOptions, *, unary: bool = False) -> Stream:
        """A new stream: a unary one is open, any other in phase OPENING."""
        self._opened += 1
        phase = Phase.OPEN if unary else Phase.OPENING
        stream = Stream(stream_id=self._opened, options=options, window=options.window, unary=unary, phase=phase)
        self._streams[stream.stream_id] = stream
        return stream

    def get(self, stream_id: int) -> Stream | None:
        """The stream, if it still is."""
        return self._streams.get(stream_id)

    def remove(self, stream_id: int) -> Stream | None:
        """Forgets the stream."""
        self._touched.discard(stream_id)
        return self._streams.pop(stream_id, None)

    def of_client(self, client_id: str) -> list[Stream]:
        """The client's streams: the newest, and older ones that have not ended yet; none of its unary calls."""
        return [stream for stream in self if stream.options.client_id == client_id and not stream.unary]

    def touch(self, stream: Stream) -> None:
        """The stream has something new to say."""
        self._touched.add(stream.stream_id)

    def take_touched(self) -> set[int]:
        """The streams touched since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def reply(self, stream_id: int, result: Result) -> None:
        """Answers an ack id, if the stream that sent it still is."""
        if (stream := self.get(stream_id)) is not None:
            stream.results.append(result)
            self.touch(stream)

    def may_have(self) -> None:
        """The store may hold ready heads for every stream."""
        for stream in self:
            stream.may_have = True

    def ready_at(self, ready_ms: int) -> None:
        """The store will have something at this time."""
        if ready_ms not in self._ready_times:
            heapq.heappush(self._ready_times, ready_ms)

    def tick(self, now_ms: int) -> None:
        """Looks again in the store when something must be ready; ends closing streams whose time is over."""
        while self._ready_times and self._ready_times[0] <= now_ms:
            heapq.heappop(self._ready_times)
            self.may_have()
        for stream in self:
            if stream.ending is not None and stream.ending.end_ms <= now_ms:
                self.touch(stream)

    def overdue(self, now_ms: int) -> list[Stream]:
        """The streams on which a claimed head has waited too long for its frame."""
        return [stream for stream in self if stream.waiting and stream.waiting[0].send_by_ms <= now_ms]

    def next_time_ms(self, now_ms: int) -> int | None:
        """When `tick` or `overdue` has something new to say."""
        times = self._ready_times[:1]
        times += [stream.waiting[0].send_by_ms for stream in self if stream.waiting]
        times += [stream.ending.end_ms for stream in self if stream.ending and stream.ending.end_ms > now_ms]
        return min(times, default=None)

    def longest_ack_deadline_ms(self) -> int:
        """For a batch of several streams' heads."""
        return max((stream.options.ack_deadline_ms for stream in self), default=DEFAULT_ACK_DEADLINE_MS)

    def take_claims(self, now_ms: int) -> tuple[Claim, ...]:
        """A claim for each hungry stream, those with the least outstanding first."""
        hungry = sorted((stream for stream in self if stream.hungry), key=lambda stream: stream.outstanding)
        return tuple(self._claim(stream, now_ms) for stream in hungry)

    def _claim(self, stream: Stream, now_ms: int) -> Claim:
        # Cleared before the claim and not after: a message stored while the claim runs sets it again.
        stream.may_have = False
        stream.claiming = True
        messages, room_bytes = stream.room
        request = ClaimRequest(
            subscription_id=self._subscription_id,
            owner=self._owner,
            client_id=stream.options.client_id,
            now_ms=now_ms,
            until_ms=now_ms + stream.options.ack_deadline_ms + CLAIM_MARGIN_MS,
            limit=min(messages, CLAIM_BATCH),
            page_ids=stream.options.page_ids,
            kinds=stream.options.kinds,
            max_bytes=min(room_bytes, FRAME_BYTES),
        )
        return Claim(stream_id=stream.stream_id, request=request)
