"""The attempts under way: from the delivery of a head to its acknowledgement or its release.

An attempt ends once. Whatever names an attempt that is over is answered STALE and changes nothing, whatever names none
of this subscription UNKNOWN; the store has the last word about each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery import ack_ids
from facebook_connector.delivery.ack_ids import AckId
from facebook_connector.delivery.frames import Delivery, Result
from facebook_connector.delivery.leases import Lease, Leases
from facebook_connector.delivery.limits import CLAIM_MARGIN_MS
from facebook_connector.delivery.poison import WorkingKeys
from facebook_connector.delivery.redelivery import Cause, NotDone, release
from facebook_connector.delivery.settlements import Reporter, Settlements
from facebook_connector.delivery.stream import Stream
from facebook_connector.delivery.streams import Streams
from facebook_connector.delivery.tally import Tally
from facebook_connector.delivery.values import AckOutcome, AckToken, Extension, Head, Release, ReleaseOutcome

OK = inbound_pb2.ACK_OUTCOME_OK
STALE = inbound_pb2.ACK_OUTCOME_STALE
UNKNOWN = inbound_pb2.ACK_OUTCOME_UNKNOWN


class Attempts:
    """The attempts of one subscription on this server."""

    def __init__(self, *, subscription_id: int, streams: Streams, random: Callable[[], float]) -> None:
        self._subscription_id = subscription_id
        self._streams = streams
        self._random = random
        self._leases = Leases()
        self._last_ok_ms = 0
        """When an acknowledgement was last committed: without one since, an expiry says nothing about the message."""
        self.settlements = Settlements()
        self.tally = Tally()
        self.working = WorkingKeys()

    def decode(self, ack_id: str) -> AckId | None:
        """The attempt that an ack id names; None when it is none of this subscription."""
        decoded = ack_ids.decode(ack_id)
        return decoded if decoded is not None and decoded.token.subscription_id == self._subscription_id else None

    def begin(self, stream: Stream, head: Head, now_ms: int) -> Delivery:
        """The head goes out on the stream: its lease starts."""
        deadline_ms = now_ms + stream.options.ack_deadline_ms
        self.tally.delivered(head.token.attempt)
        self._leases.add(
            Lease(
                token=head.token,
                client_id=stream.options.client_id,
                stream_id=stream.stream_id,
                size=head.size,
                sent_ms=now_ms,
                deadline_ms=deadline_ms,
            )
        )
        return Delivery(head=head, ack_id=ack_ids.encode(head.token, head.size), deadline_ms=deadline_ms)

    def resume(self, lease: Lease) -> None:
        """A held lease goes on, on the stream it names."""
        self.forget(lease.token.key_id)
        self._leases.add(lease)
        if (stream := self._streams.get(lease.stream_id)) is not None:
            stream.occupy(lease.size)

    def take_client(self, client_id: str) -> list[Lease]:
        """Ends the leases of a client here, because its new stream adopts or gives up all of them."""
        leases = self._leases.of_client(client_id)
        for lease in leases:
            self._drop(lease)
        return leases

    def forget(self, key_id: int) -> None:
        """Ends the key's lease here, if there is one: the store has given the key away."""
        if (lease := self._leases.of_key(key_id)) is not None:
            self._drop(lease)

    def give_back(self, heads: Iterable[Head], now_ms: int) -> None:
        """Heads that were claimed and not sent become ready for others at once."""
        for head in heads:
            self.settlements.release(release(head.token, NotDone(cause=Cause.UNSENT), now_ms, self._random))

    def acknowledge(self, stream_id: int, ids: Iterable[str]) -> None:
        """The client has processed messages. Asks the store also where no lease is known here."""
        for reporter, token in self._named(stream_id, ids):
            if not self.settlements.acknowledge(token, reporter):
                self._reply(reporter, STALE)

    def nack(self, stream_id: int, ids: Iterable[str], how: NotDone, now_ms: int) -> int:
        """The client gives messages back; returns how many were out. Asks the store also where no lease is known."""
        were_out = 0
        for reporter, token in self._named(stream_id, ids):
            lease = self._leases.get(token)
            given_back = release(token, how, now_ms, self._random)
            if not self.settlements.release(given_back, reporter):
                self._reply(reporter, STALE)
            elif lease is not None:
                self._drop(lease)
                were_out += 1
        return were_out

    @property
    def outstanding(self) -> int:
        """How many deliveries wait for their answers."""
        return len(self._leases)

    def extend(self, stream_id: int, ids: Iterable[str], duration_ms: int, now_ms: int) -> None:
        """The client needs more time: the deadline becomes `duration_ms` from now, at most an hour after delivery."""
        for reporter, token in self._named(stream_id, ids):
            lease = self._leases.get(token)
            if lease is None or self.settlements.ending(token):
                self._reply(reporter, STALE)
                continue
            deadline_ms = min(now_ms + duration_ms, lease.latest_ms)
            self._leases.extend(lease, deadline_ms)
            self.settlements.extend(Extension(token=token, until_ms=deadline_ms + CLAIM_MARGIN_MS), reporter)

    def expire(self, now_ms: int) -> None:
        """Gives back what was not acknowledged in time; an acknowledgement that is under way comes first."""
        for lease in self._leases.take_due(now_ms):
            self._vacate(lease)
            self.settlements.release(release(lease.token, self._why_expired(lease), now_ms, self._random))

    def next_deadline_ms(self) -> int | None:
        """When `expire` has something to do."""
        return self._leases.next_deadline_ms()

    def acknowledged(self, outcome: AckOutcome, now_ms: int) -> Stream | None:
        """An acknowledgement is answered. Returns who gets the key's next head: the lease's stream, else the asker."""
        self.tally.acknowledged(ok=outcome.result == OK)
        if outcome.result == OK:
            self._last_ok_ms = now_ms
            self.working.acknowledged(outcome.token.key_id, now_ms)
        reporters = self.settlements.settled(outcome.token)
        for reporter in reporters:
            self._reply(reporter, outcome.result)
        holder = reporters[0].stream_id
        if (lease := self._leases.get(outcome.token)) is not None:
            holder = lease.stream_id
            self._drop(lease)
        return self._streams.get(holder)

    def released(self, releases: Sequence[Release], outcomes: Sequence[ReleaseOutcome]) -> None:
        """Releases are committed."""
        for released, outcome in zip(releases, outcomes, strict=True):
            self._streams.ready_at(released.ready_at_ms)
            if released.counted and outcome.result == OK:
                self.working.failed(released.token.key_id)
            for reporter in self.settlements.settled(released.token):
                self._reply(reporter, outcome.result)

    def extended(self, extensions: Sequence[Extension], results: Sequence[int]) -> list[AckToken]:
        """Extensions are committed. Returns the attempts that the store no longer knows; their leases are over."""
        lost = []
        for extension, result in zip(extensions, results, strict=True):
            for reporter in self.settlements.extended(extension.token):
                self._reply(reporter, result)
            if result != OK:
                lost.append(extension.token)
                if (lease := self._leases.get(extension.token)) is not None:
                    self._drop(lease)
        return lost

    def _named(self, stream_id: int, ids: Iterable[str]) -> Iterator[tuple[Reporter, AckToken]]:
        """The attempts that the ids name; each id is owed an answer, which an unknown one gets at once."""
        stream = self._streams.get(stream_id)
        for ack_id in ids:
            if stream is not None:
                stream.owed += 1
            reporter = Reporter(stream_id=stream_id, ack_id=ack_id)
            decoded = self.decode(ack_id)
            if decoded is None:
                self._reply(reporter, UNKNOWN)
            else:
                yield reporter, decoded.token

    def _reply(self, reporter: Reporter, outcome: int) -> None:
        self._streams.reply(reporter.stream_id, Result(ack_id=reporter.ack_id, outcome=outcome))

    def _why_expired(self, lease: Lease) -> NotDone:
        if self._streams.get(lease.stream_id) is None:
            return NotDone(cause=Cause.DISCONNECTED)
        return NotDone(cause=Cause.EXPIRED if self._last_ok_ms >= lease.sent_ms else Cause.STALLED)

    def _drop(self, lease: Lease) -> None:
        self._leases.remove(lease)
        self._vacate(lease)

    def _vacate(self, lease: Lease) -> None:
        """Frees the lease's place in the window of its stream, which may have ended."""
        if (stream := self._streams.get(lease.stream_id)) is not None:
            stream.vacate(lease.size)
            self._streams.touch(stream)
