"""All that is under way of one subscription on this server: its streams, their leases, and the answers to them.

Events go in as method calls: what a client sent, what the store answered, that time has passed. What follows is taken
out as values: frames by `next_frame`, store calls by `take_work`. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from facebook_connector.delivery import endings
from facebook_connector.delivery.attempts import OK, UNKNOWN, Attempts
from facebook_connector.delivery.endings import Ending
from facebook_connector.delivery.frames import End, Frame, Messages, Pong, Result, Started
from facebook_connector.delivery.limits import CLAIM_MARGIN_MS, CONTENDED_MS, Window
from facebook_connector.delivery.pauses import Pause, Pauses
from facebook_connector.delivery.poison import Verdict
from facebook_connector.delivery.redelivery import Cause, NotDone
from facebook_connector.delivery.stream import Phase, Stream, StreamOptions
from facebook_connector.delivery.streams import Streams
from facebook_connector.delivery.tally import Tally
from facebook_connector.delivery.values import (
    AckOutcome,
    AckToken,
    Adopted,
    Extension,
    Head,
    Release,
    ReleaseOutcome,
    Subscription,
)
from facebook_connector.delivery.work import Adoption, Claim, Held, PauseChange, Work
from facebook_connector.errors import ConnectorError


class Deliveries:
    """The decisions of one subscription on one server; see the module."""

    def __init__(self, *, subscription: Subscription, owner: str, random: Callable[[], float]) -> None:
        number = subscription.subscription_id
        self._subscription = subscription
        self._streams = Streams(subscription_id=number, owner=owner)
        self._attempts = Attempts(subscription_id=number, streams=self._streams, random=random)
        self._pauses = Pauses(random)
        self._pause_change: PauseChange | None = None
        self._adoptions: list[Adoption] = []

    def open(self, options: StreamOptions, now_ms: int) -> int:
        """A stream opens; its number. An open stream with the same client id is replaced and its leases adopted."""
        for older in self._streams.of_client(options.client_id):
            self._replace(older, now_ms)
        stream = self._streams.open(options)
        self._adoptions.append(self._adoption(stream, now_ms))
        return stream.stream_id

    def call(self, options: StreamOptions) -> int:
        """A unary call begins; its number. It shares the leases of its client id, and leaves its streams alone."""
        return self._streams.open(options, unary=True).stream_id

    def has_nothing(self, stream_id: int) -> bool:
        """Whether there is nothing to deliver on the stream at present, as far as the store was asked."""
        stream = self._streams.get(stream_id)
        if stream is None or self.pauses:
            return True
        return not (stream.may_have or stream.claiming or stream.waiting)

    def opened_elsewhere(self, client_id: str, generation: int, now_ms: int) -> None:
        """The client has opened a stream on another server: older ones here end, their leases have moved there."""
        for stream in self._streams.of_client(client_id):
            if stream.phase is Phase.OPENING:
                # Which of the two is older shows when this one's own generation is known.
                stream.overtaken_by = max(stream.overtaken_by, generation)
            elif stream.generation < generation:
                self._replace(stream, now_ms)
        # What the client no longer holds there is ready for everybody.
        self._streams.may_have()

    def acknowledge(self, stream_id: int, ids: Iterable[str]) -> None:
        """See `Attempts.acknowledge`."""
        self._attempts.acknowledge(stream_id, ids)

    def nack(self, stream_id: int, ids: Iterable[str], how: NotDone, now_ms: int) -> None:
        """See `Attempts.nack`. Where consumers give back all they get, the subscription pauses."""
        count = self._attempts.nack(stream_id, ids, how, now_ms)
        if count and how.cause is Cause.UNAVAILABLE:
            self._paused(self._pauses.gave_back(count, self._attempts.outstanding, now_ms), now_ms)

    def extend(self, stream_id: int, ids: Iterable[str], duration_ms: int, now_ms: int) -> None:
        """See `Attempts.extend`."""
        self._attempts.extend(stream_id, ids, duration_ms, now_ms)

    def resize(self, stream_id: int, window: Window) -> None:
        """The client changes its window; a smaller one takes nothing back."""
        if (stream := self._streams.get(stream_id)) is not None:
            stream.window = window
            self._streams.touch(stream)

    def window(self, stream_id: int) -> Window | None:
        """The window in force; None when the stream has ended."""
        stream = self._streams.get(stream_id)
        return None if stream is None else stream.window

    def outstanding(self, stream_id: int) -> tuple[int, int]:
        """How many messages of a stream wait for their answers, and their bytes."""
        stream = self._streams.get(stream_id)
        return (0, 0) if stream is None else (stream.outstanding, stream.outstanding_bytes)

    def ping(self, stream_id: int, nonce: str) -> None:
        """The client asks for a sign of life."""
        if (stream := self._streams.get(stream_id)) is not None:
            stream.owed += 1
            stream.pongs.append(Pong(nonce=nonce))
            self._streams.touch(stream)

    def half_close(self, stream_id: int, now_ms: int) -> None:
        """The client sends nothing more: answer what came, deliver nothing more, then end well."""
        if (stream := self._streams.get(stream_id)) is not None:
            stream.half_closed = True
            self._attempts.give_back(stream.take_waiting(), now_ms)
            self._streams.touch(stream)

    def disconnect(self, stream_id: int, now_ms: int) -> None:
        """The stream is gone. Its leases stay until their deadline, or until the client comes back."""
        if (stream := self._streams.remove(stream_id)) is not None:
            self._attempts.give_back(stream.take_waiting(), now_ms)
        # The client may be on another server by now: a late adoption here would take its leases there.
        self._adoptions = [adoption for adoption in self._adoptions if adoption.stream_id != stream_id]

    def fail(self, stream_id: int, error: ConnectorError, now_ms: int) -> None:
        """The stream ends at once: the client misused it, or it could not be opened."""
        if (stream := self._streams.get(stream_id)) is not None:
            self._end(stream, endings.failed(error), now_ms)

    def drain(self, now_ms: int) -> None:
        """The server stops: every stream is told so, and ends when its client has answered or its time is over."""
        for stream in self._streams:
            self._end(stream, endings.draining(now_ms), now_ms)

    def delete(self, now_ms: int) -> None:
        """The subscription is no more: every stream is told so and ends."""
        for stream in self._streams:
            self._end(stream, endings.deleted(self._subscription.name), now_ms)

    def next_frame(self, stream_id: int, now_ms: int) -> Frame | End | None:
        """What the idle writer of a stream writes next; None when there is nothing to say now."""
        stream = self._streams.get(stream_id)
        if stream is None:
            return End()
        frame = stream.end(now_ms) or stream.take_control() or self._messages(stream, now_ms)
        stream.writing = frame is not None
        return frame

    def take_writable(self) -> set[int]:
        """The streams whose writer should ask again."""
        return self._streams.take_touched()

    def owed(self, stream_id: int) -> int:
        """Answers that the client has not fetched; who reads its frames should wait while they are many."""
        stream = self._streams.get(stream_id)
        return 0 if stream is None else stream.owed

    def is_ending(self, stream_id: int) -> bool:
        """Whether the server has decided to end the stream."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.ending is not None

    @property
    def has_streams(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._streams)

    @property
    def pauses(self) -> bool:
        """Whether nothing goes out at present because consumers cannot take it."""
        return self._pauses.present is not None

    @property
    def settled(self) -> bool:
        """Whether the store has all answers that clients gave."""
        return not self._attempts.settlements

    @property
    def tally(self) -> Tally:
        """What was delivered on this server since it started."""
        return self._attempts.tally

    def ready(self) -> None:
        """The store may have new heads."""
        self._streams.may_have()

    def ready_at(self, ready_ms: int) -> None:
        """The store will have a head at this time."""
        self._streams.ready_at(ready_ms)

    def tick(self, now_ms: int) -> None:
        """Time has passed."""
        self._attempts.expire(now_ms)
        if self._pauses.tick(now_ms):
            self._streams.may_have()
        for stream in self._streams.overdue(now_ms):
            self._overdue(stream, now_ms)
        self._streams.tick(now_ms)

    def next_time_ms(self, now_ms: int) -> int | None:
        """When `tick` next has something to do; None when only events can bring something."""
        pause = self._pauses.present
        times = (
            self._attempts.next_deadline_ms(),
            self._streams.next_time_ms(now_ms),
            None if pause is None else pause.until_ms,
        )
        return min((time for time in times if time is not None), default=None)

    def take_work(self, now_ms: int) -> Work:
        """One round of store calls. Each must be answered by the method that bears its name, or put back."""
        settlements = self._attempts.settlements
        adoptions, self._adoptions = tuple(self._adoptions), []
        pause, self._pause_change = self._pause_change, None
        return Work(
            now_ms=now_ms,
            extensions=settlements.take_extensions(),
            acks=settlements.take_acks(),
            acks_until_ms=now_ms + self._streams.longest_ack_deadline_ms() + CLAIM_MARGIN_MS,
            releases=settlements.take_releases(),
            working_keys=self._attempts.working.count(now_ms),
            claims=self._streams.take_claims(now_ms) if self._pauses.present is None else (),
            adoptions=adoptions,
            pause=pause,
        )

    def put_back(self, work: Work) -> None:
        """The store could not answer these calls: answers stay to be committed, claims are decided anew.

        Adoptions are not repeated: their streams must `fail`, so that the client can go to another server.
        """
        self._attempts.settlements.put_back(work)
        self._pause_change = self._pause_change or work.pause
        for claim in work.claims:
            if (stream := self._streams.get(claim.stream_id)) is not None:
                stream.claiming = False
                stream.may_have = True

    def claimed(self, claim: Claim, heads: Sequence[Head], now_ms: int, *, contended: bool = False) -> None:
        """Heads were claimed for a stream, which may have ended meanwhile.

        `contended`: other servers had ready keys in hand, so this says little about how many there are.
        """
        stream = self._streams.get(claim.stream_id)
        if stream is not None:
            stream.claiming = False
            stream.may_have |= not claim.exhausted(heads)
            if stream.unary:
                # Its caller may be waiting to hear that there is nothing.
                self._streams.touch(stream)
        if contended:
            self._streams.ready_at(now_ms + CONTENDED_MS)
        for head in heads:
            self._arrived(head, stream, claim.request.now_ms, now_ms)

    def acknowledged(self, outcomes: Sequence[AckOutcome], claimed_ms: int, now_ms: int) -> None:
        """Acknowledgements are answered; a key's next head goes where the one before was."""
        for outcome in outcomes:
            stream = self._attempts.acknowledged(outcome, now_ms)
            if outcome.result == OK and self._pauses.acknowledged():
                self._pause_change = PauseChange(until_ms=None)
                self._streams.may_have()
            if outcome.next_head is not None:
                self._arrived(outcome.next_head, stream, claimed_ms, now_ms)

    def released(self, releases: Sequence[Release], outcomes: Sequence[ReleaseOutcome], now_ms: int) -> None:
        """Releases are committed."""
        self._attempts.released(releases, outcomes)
        for outcome in outcomes:
            if outcome.verdict is Verdict.GIVE_UP:
                self._pauses.gave_up()
                # What comes next in its conversation is ready.
                self._streams.may_have()
            elif outcome.verdict is Verdict.SPARE:
                self._paused(self._pauses.spared(now_ms), now_ms)

    def extended(self, extensions: Sequence[Extension], results: Sequence[int]) -> None:
        """Extensions are committed; what the store no longer knows is not sent either."""
        lost = frozenset(self._attempts.extended(extensions, results))
        for stream in self._streams if lost else ():
            stream.drop_waiting(lost)

    def adopted(self, adoption: Adoption, answer: Adopted, now_ms: int) -> None:
        """The leases of a client are sorted out: its stream starts, unless a newer one is on another server."""
        outcomes = {held.token: result for held, result in zip(adoption.held, answer.results, strict=True)}
        for held in adoption.held:
            if outcomes[held.token] == OK:
                self._attempts.resume(adoption.lease(held))
        stream = self._streams.get(adoption.stream_id)
        if stream is not None and stream.phase is Phase.OPENING:
            stream.phase = Phase.OPEN
            stream.generation = answer.generation
            stream.started = Started(window=stream.window, held=self._held_results(stream, outcomes))
            self._streams.touch(stream)
            if stream.generation < stream.overtaken_by:
                self._replace(stream, now_ms)
        # What the client no longer holds is ready for everybody.
        self._streams.may_have()

    def _adoption(self, stream: Stream, now_ms: int) -> Adoption:
        options = stream.options
        sent = {lease.token: lease.sent_ms for lease in self._attempts.take_client(options.client_id)}
        decoded = (self._attempts.decode(ack_id) for ack_id in options.held_ack_ids)
        return Adoption(
            stream_id=stream.stream_id,
            client_id=options.client_id,
            held=tuple(
                Held(token=ack.token, size=ack.size, sent_ms=sent.get(ack.token, now_ms))
                for ack in dict.fromkeys(decoded)
                if ack is not None
            ),
            deadline_ms=now_ms + options.ack_deadline_ms,
            until_ms=now_ms + options.ack_deadline_ms + CLAIM_MARGIN_MS,
        )

    def _held_results(self, stream: Stream, outcomes: dict[AckToken, int]) -> tuple[Result, ...]:
        decoded = [(ack_id, self._attempts.decode(ack_id)) for ack_id in stream.options.held_ack_ids]
        return tuple(
            Result(ack_id=ack_id, outcome=UNKNOWN if ack is None else outcomes[ack.token]) for ack_id, ack in decoded
        )

    def _messages(self, stream: Stream, now_ms: int) -> Messages | None:
        deliveries = tuple(self._attempts.begin(stream, head, now_ms) for head in stream.take_heads())
        return Messages(deliveries=deliveries) if deliveries else None

    def _arrived(self, head: Head, stream: Stream | None, claimed_ms: int, now_ms: int) -> None:
        # A lease that the store has overruled must not stand beside the new one: one outstanding per key.
        self._attempts.forget(head.token.key_id)
        paused = self._pauses.present is not None
        if paused or stream is None or not stream.takes_messages or not stream.options.takes(head):
            self._attempts.give_back((head,), now_ms)
            return
        stream.enqueue(head, claimed_ms)
        self._streams.touch(stream)

    def _paused(self, pause: Pause | None, now_ms: int) -> None:
        if pause is None:
            return
        self._pause_change = PauseChange(until_ms=pause.until_ms, reason=pause.cause.value, first=pause.first)
        for stream in self._streams:
            self._attempts.give_back(stream.take_waiting(), now_ms)

    def _overdue(self, stream: Stream, now_ms: int) -> None:
        """Heads wait for long: behind a full window they stay, for a client that does not read they go to others."""
        heads = stream.take_waiting()
        if stream.writing:
            self._attempts.give_back(heads, now_ms)
            return
        until_ms = now_ms + stream.options.ack_deadline_ms + CLAIM_MARGIN_MS
        for head in heads:
            stream.enqueue(head, now_ms)
            self._attempts.settlements.extend(Extension(token=head.token, until_ms=until_ms))

    def _replace(self, stream: Stream, now_ms: int) -> None:
        self._end(stream, endings.replaced(self._subscription.name, stream.options.client_id), now_ms)

    def _end(self, stream: Stream, ending: Ending, now_ms: int) -> None:
        if stream.ending is None or ending.end_ms < stream.ending.end_ms:
            stream.phase = Phase.CLOSING
            stream.ending = ending
            self._attempts.give_back(stream.take_waiting(), now_ms)
        self._streams.touch(stream)
