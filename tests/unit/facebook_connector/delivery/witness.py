"""What the clients of a model run were sent and answered, and the promises of the stream that show in that alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from facebook_connector.delivery.frames import Delivery, End, Frame, Messages, Result, Results, Started
from facebook_connector.delivery.limits import FRAME_BYTES, Window
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import AckToken
from tests.unit.facebook_connector.delivery.world import LIVE, OK, Key, Log, Server


@dataclass(slots=True)
class Received:
    """A delivery as its client knows it."""

    delivery: Delivery
    sent_ms: int
    deadline_ms: int
    over: bool = False
    """Acknowledged, given back, or lost with its stream: the client works on it no longer."""
    wishes: set[str] = field(default_factory=set)
    """What the client has asked for: ack, nack, extend."""

    def valid(self, now_ms: int) -> bool:
        return not self.over and now_ms < self.deadline_ms


@dataclass(slots=True)
class Client:
    """One connected stream, seen from its client."""

    options: StreamOptions
    server: Server
    stream_id: int
    window: Window
    received: dict[str, Received] = field(default_factory=dict)
    unanswered: int = 0
    """Ack ids sent on this stream that have no result yet."""

    def outstanding(self, now_ms: int) -> list[Received]:
        return [received for received in self.received.values() if received.valid(now_ms)]

    def could_take(self, key: Key, now_ms: int) -> bool:
        if key.head is None or self.server.deliveries.pauses:
            return False
        message = key.messages[key.head]
        outstanding = self.outstanding(now_ms)
        sizes = sum(received.delivery.head.size for received in outstanding)
        wanted = not self.options.page_ids or key.page_id in self.options.page_ids
        wanted &= not self.options.kinds or message.kind in self.options.kinds
        fits = sizes + len(message.body) <= self.window.bytes or not outstanding
        return wanted and fits and len(outstanding) < self.window.messages

    def blocked(self, log: Log, now_ms: int) -> bool:
        """Whether a head that was claimed for it waits for its window: none overtakes that."""
        outstanding = {received.delivery.head.token.key_id for received in self.outstanding(now_ms)}
        claimed = {key.key_id for key in log.keys.values() if key.client_id == self.options.client_id}
        return bool(claimed - outstanding)


class Witness:
    """Remembers all that clients know, over reconnects, and looks at each frame they read."""

    def __init__(self, log: Log, clients: Iterable[str]) -> None:
        self._log = log
        self._last_attempt: dict[str, int] = {}
        """Of messages in their order; what is delivered beside it is counted anew each time."""
        self._last_epoch: dict[int, int] = {}
        self.known: dict[str, dict[str, Received]] = {client_id: {} for client_id in clients}
        self.acknowledged: set[AckToken] = set()

    def sees(self, client: Client, frame: Frame | End | None, now_ms: int) -> None:
        """A client reads a frame; None: there is none."""
        assert not isinstance(frame, End)
        known = self.known[client.options.client_id]
        if isinstance(frame, Messages):
            self._check_frame(frame)
            for delivery in frame.deliveries:
                self._check_delivery(delivery, now_ms)
                received = Received(delivery=delivery, sent_ms=now_ms, deadline_ms=delivery.deadline_ms)
                client.received[delivery.ack_id] = known[delivery.ack_id] = received
            self._check_window(client, now_ms)
        elif isinstance(frame, Results):
            for result in frame.results:
                self._check_result(client, result)
        elif isinstance(frame, Started):
            for result in frame.held:
                known[result.ack_id].over |= result.outcome != OK

    def all_is_over(self) -> None:
        """Whatever clients hold is theirs no longer."""
        for remembered in self.known.values():
            for received in remembered.values():
                received.over = True

    def check_one_outstanding_per_key(self, now_ms: int) -> None:
        keys = [
            received.delivery.head.token.key_id
            for remembered in self.known.values()
            for received in remembered.values()
            if received.valid(now_ms)
        ]
        assert len(keys) == len(set(keys))

    def _check_frame(self, frame: Messages) -> None:
        assert len(frame.deliveries) == 1 or sum(one.head.size for one in frame.deliveries) <= FRAME_BYTES
        keys = [delivery.head.token.key_id for delivery in frame.deliveries]
        assert len(keys) == len(set(keys))

    def _check_result(self, client: Client, result: Result) -> None:
        """An acknowledgement is answered OK only after its commit."""
        client.unanswered -= 1
        received = self.known[client.options.client_id][result.ack_id]
        token = received.delivery.head.token
        if received.wishes == {"ack"} and result.outcome == OK:
            assert token in self._log.completed

    def _check_delivery(self, delivery: Delivery, now_ms: int) -> None:
        head = delivery.head
        key = self._log.keys[head.token.key_id]
        assert head.token.epoch > self._last_epoch.get(key.key_id, 0)
        self._last_epoch[key.key_id] = head.token.epoch
        if head.origin == LIVE:
            # In order: nothing is sent before all that stands before it is done with. A lease that the store has
            # overruled may lag behind, never run ahead.
            assert head.token.seq <= key.position + 1
            assert head.token.attempt > self._last_attempt.get(head.cim_id, 0)
            self._last_attempt[head.cim_id] = head.token.attempt
        assert delivery.deadline_ms >= now_ms + 10_000

    def _check_window(self, client: Client, now_ms: int) -> None:
        outstanding = client.outstanding(now_ms)
        sizes = sum(received.delivery.head.size for received in outstanding)
        assert len(outstanding) <= client.window.messages
        assert sizes <= client.window.bytes or len(outstanding) == 1
