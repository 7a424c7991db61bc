"""Random interleavings of all that happens to an inbound stream.

That is ingest, connect, ack, nack, extend, expiry, disconnect, store failure, crash, restart, outages of the consumers,
messages that nobody can process, redrive and replay. Two servers share one log. After every step the promises of the
stream are checked from the clients' side only: by what they were sent and by what they were answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.redelivery import Cause, NotDone
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.work import Work
from tests.unit.facebook_connector.delivery.witness import Client, Received, Witness
from tests.unit.facebook_connector.delivery.world import MESSAGE, REACTION, REPLAY, START_MS, Answers, Log, Server

KEYS = 4
SERVERS = st.integers(0, 1)
CLIENTS = ("a", "b", "c")

SIZES = st.sampled_from([1, 40, 90, 300])
OPTIONS = st.builds(
    StreamOptions,
    client_id=st.sampled_from(CLIENTS),
    ack_deadline_ms=st.sampled_from([10_000, 30_000]),
    window=st.builds(Window, messages=st.integers(1, 4), bytes=st.sampled_from([100, 1000])),
    page_ids=st.sampled_from([frozenset[str](), frozenset({"100"})]),
    kinds=st.sampled_from([frozenset[int](), frozenset({MESSAGE})]),
)


class StreamModel(RuleBasedStateMachine):
    """The rules; `check_…` are the promises."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()
        self.now_ms = START_MS
        self.servers: list[Server] = []
        self.must_poll = False
        """Whether the log may hold ready heads unknown to a server: another one, or a lost answer, freed them."""
        self.rounds: dict[Server, tuple[Work, Answers | None]] = {}
        """Per server the round that is with the store; no answers: it will fail."""
        self.clients: dict[str, Client] = {}
        self.broken: list[Client] = []
        self.witness = Witness(self.log, (*CLIENTS, "d"))

    @initialize(messages=st.integers(0, 12), opening=OPTIONS, second=st.booleans())
    def begin(self, messages: int, opening: StreamOptions, second: bool) -> None:
        self.servers = [Server(self.log), Server(self.log)] if second else [Server(self.log)]
        self.must_poll = second
        for number in range(messages):
            self.ingest(number % KEYS, 40, MESSAGE)
        self.connect(opening, 0, holds=False)

    # --- The world goes on

    @rule(key_id=st.integers(0, KEYS - 1), size=SIZES, kind=st.sampled_from([MESSAGE, MESSAGE, REACTION]))
    def ingest(self, key_id: int, size: int, kind: int) -> None:
        self.log.store(key_id, self.now_ms, size=size, kind=kind, page_id=str(100 + key_id % 2))
        for server in self.servers:
            server.deliveries.ready()

    @rule(milliseconds=st.sampled_from([1, 500, 2_000, 6_000, 9_500, 10_000, 29_500, 31_000, 700_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        for server in self.servers:
            server.advance(milliseconds)

    @rule()
    def poll(self) -> None:
        for server in self.servers:
            server.deliveries.ready()

    @rule(number=SERVERS, fate=st.sampled_from(["done", "done", "done", "failed", "done but not heard"]))
    def round_starts(self, number: int, fate: str) -> None:
        server = self.servers[number % len(self.servers)]
        if server in self.rounds:
            return
        work = server.deliveries.take_work(self.now_ms)
        answers = server.carry_out(work) if fate != "failed" else None
        self.rounds[server] = work, answers if fate == "done" else None
        self.must_poll |= fate != "done"

    @rule(number=SERVERS)
    def round_ends(self, number: int) -> None:
        server = self.servers[number % len(self.servers)]
        if server not in self.rounds:
            return
        work, answers = self.rounds.pop(server)
        if answers is not None:
            server.answer(work, answers)
            return
        server.deliveries.put_back(work)
        for adoption in work.adoptions:
            server.deliveries.disconnect(adoption.stream_id, self.now_ms)
            self._forget(server, adoption.stream_id)

    @rule(number=SERVERS, releases=st.booleans())
    def crash(self, number: int, releases: bool) -> None:
        """A server dies and starts anew; an embedded database then releases all claims of before, at once."""
        number %= len(self.servers)
        dead, self.servers[number] = self.servers[number], Server(self.log, now_ms=self.now_ms)
        self.rounds.pop(dead, None)
        self.broken = [client for client in self.broken if client.server is not dead]
        self.clients = {name: client for name, client in self.clients.items() if client.server is not dead}
        self.must_poll = True
        if releases and len(self.servers) == 1:
            for key in self.log.keys.values():
                if key.client_id is not None:
                    key.client_id, key.ready_at_ms = None, self.now_ms
            self.witness.all_is_over()

    @rule()
    def all_goes_well(self) -> None:
        """Rounds end and clients read until there is nothing more to do: the way into deep states."""
        for number in range(len(self.servers)):
            self.round_ends(number)
        # What one stream gives back another takes.
        for client in list(self.clients.values()) * 3:
            if self.must_poll:
                self.poll()
            client.server.work()
            while self._read(client):
                client.server.work()
        self._check_nothing_waits_that_somebody_could_take()
        assert not [client for client in self.clients.values() if client.unanswered]

    # --- Operators and trouble

    @rule()
    def redrive(self) -> None:
        self.log.redrive(self.now_ms)
        self.poll()

    @precondition(lambda self: self.log.keys)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        key = self.log.keys[data.draw(st.sampled_from(sorted(self.log.keys)))]
        index = data.draw(st.integers(0, len(key.messages) - 1))
        self.log.at_side(key.key_id, index, REPLAY, self.now_ms)
        self.poll()

    @rule()
    def outage(self) -> None:
        """For a quarter of an hour and more nobody can work: that costs no message its place."""
        before = list(self.log.dead_letters)
        self._go_on(lambda _received: "UNAVAILABLE")
        assert self.log.dead_letters == before

    @precondition(lambda self: self.log.keys)
    @rule(data=st.data())
    def poison(self, data: st.DataObject) -> None:
        """A message cannot be processed, while others are: it alone is given up."""
        poisoned = self.log.keys[data.draw(st.sampled_from(sorted(self.log.keys)))]
        head, origin = poisoned.head, poisoned.origin
        before, others = len(self.log.dead_letters), any(key.head is not None for key in self.log.keys.values())
        self._go_on(
            lambda received: (
                "REJECTED"
                if received.delivery.head.token.key_id == poisoned.key_id
                and (received.delivery.head.token.seq, received.delivery.head.origin) == ((head or 0) + 1, origin)
                else "ack"
            )
        )
        given_up = self.log.dead_letters[before:]
        assert given_up in ([], [(poisoned.key_id, head)])
        assert others or not given_up

    # --- Clients

    @rule(opening=OPTIONS, number=SERVERS, holds=st.booleans())
    def connect(self, opening: StreamOptions, number: int, holds: bool) -> None:
        client_id, server = opening.client_id, self.servers[number % len(self.servers)]
        if (older := self.clients.pop(client_id, None)) is not None:
            self.broken.append(older)
        if [one for one in self.broken if one.options.client_id == client_id and one.server is not server]:
            # Servers do not know of each other's streams: a client that moves is first seen to have left.
            self.break_is_seen()
        held = {
            ack_id: received
            for ack_id, received in self.witness.known[client_id].items()
            if holds and received.valid(self.now_ms)
        }
        for ack_id, received in self.witness.known[client_id].items():
            received.over |= ack_id not in held
        for received in held.values():
            received.deadline_ms = min(received.sent_ms + 3_600_000, self.now_ms + opening.ack_deadline_ms)
        stream_id = server.deliveries.open(replace(opening, held_ack_ids=tuple(held)), self.now_ms)
        self.clients[client_id] = Client(
            options=opening, server=server, stream_id=stream_id, window=opening.window, received=held
        )

    @rule()
    def break_is_seen(self) -> None:
        """The servers notice the streams that their clients have left."""
        for client in self.broken:
            client.server.deliveries.disconnect(client.stream_id, self.now_ms)
        self.broken.clear()

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        self.broken.append(self.clients.pop(self._any_client(data).options.client_id))

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), messages=st.integers(1, 4), size=st.sampled_from([50, 1000]))
    def resize(self, data: st.DataObject, messages: int, size: int) -> None:
        client = self._any_client(data)
        client.window = Window(messages=messages, bytes=size)
        client.server.deliveries.resize(client.stream_id, client.window)

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """The client reads one frame."""
        self._read(self._any_client(data))

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        client = self._any_client(data)
        if (ack_id := self._any_id(client, data)) is not None:
            self._acknowledge(client, ack_id)

    @precondition(lambda self: self.clients)
    @rule(
        data=st.data(),
        cause=st.sampled_from([Cause.UNAVAILABLE, Cause.REJECTED]),
        delay_ms=st.sampled_from([None, 0, 5_000]),
    )
    def nack(self, data: st.DataObject, cause: Cause, delay_ms: int | None) -> None:
        client = self._any_client(data)
        if (ack_id := self._any_id(client, data)) is not None:
            self._nack(client, ack_id, NotDone(cause=cause, delay_ms=delay_ms))

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), seconds=st.sampled_from([10, 60, 600]))
    def extend(self, data: st.DataObject, seconds: int) -> None:
        """A prudent client: it counts on the earlier of the old and the new deadline."""
        client = self._any_client(data)
        if (ack_id := self._any_id(client, data)) is not None:
            client.unanswered += 1
            client.server.deliveries.extend(client.stream_id, [ack_id], seconds * 1000, self.now_ms)
            received = self.witness.known[client.options.client_id][ack_id]
            received.deadline_ms = min(received.deadline_ms, self.now_ms + seconds * 1000)
            received.wishes.add("extend")

    # --- The promises

    @invariant()
    def check_one_outstanding_per_key(self) -> None:
        self.witness.check_one_outstanding_per_key(self.now_ms)

    @invariant()
    def check_only_what_was_acknowledged_is_completed(self) -> None:
        """So an acknowledgement of an old attempt never completes a new one."""
        assert self.log.completed <= self.witness.acknowledged

    @invariant()
    def check_pauses_are_short(self) -> None:
        assert all(pause.until_ms is None or pause.until_ms <= self.now_ms + 60_000 for pause in self.log.pauses)

    def teardown(self) -> None:
        """Nothing is stuck: when all works well, everything is acknowledged in the end, also what was given up."""
        if not self.servers:
            return
        self.break_is_seen()
        patient = StreamOptions(client_id="d", ack_deadline_ms=30_000, window=Window(messages=1))
        self.connect(patient, number=0, holds=False)
        for _ in range(100):
            self.redrive()
            if self.log.done():
                return
            self.all_goes_well()
            for client in self.clients.values():
                for received in client.outstanding(self.now_ms):
                    self._acknowledge(client, received.delivery.ack_id)
            self.all_goes_well()
            self.time_passes(15_000)
            self.must_poll = True
        raise AssertionError("a message is stuck")

    def _check_nothing_waits_that_somebody_could_take(self) -> None:
        free = [client for client in self.clients.values() if not client.blocked(self.log, self.now_ms)]
        for key in self.log.keys.values():
            if key.ready_at_ms is not None and key.ready_at_ms <= self.now_ms:
                assert not [client for client in free if client.could_take(key, self.now_ms)]

    # --- Details

    def _go_on(self, answer: Callable[[Received], str]) -> None:
        """Clients answer all they get for half an hour."""
        self.must_poll = True
        for _ in range(30):
            self.all_goes_well()
            for client in self.clients.values():
                for received in client.outstanding(self.now_ms):
                    self._answer(client, received, answer(received))
            self.all_goes_well()
            self.time_passes(61_000)

    def _answer(self, client: Client, received: Received, answer: str) -> None:
        if answer == "ack":
            self._acknowledge(client, received.delivery.ack_id)
        else:
            self._nack(client, received.delivery.ack_id, NotDone(cause=Cause[answer]))

    def _nack(self, client: Client, ack_id: str, how: NotDone) -> None:
        client.unanswered += 1
        client.server.deliveries.nack(client.stream_id, [ack_id], how, self.now_ms)
        received = self.witness.known[client.options.client_id][ack_id]
        received.over = True
        received.wishes.add("nack")

    def _acknowledge(self, client: Client, ack_id: str) -> None:
        received = self.witness.known[client.options.client_id][ack_id]
        received.over = True
        received.wishes.add("ack")
        self.witness.acknowledged.add(received.delivery.head.token)
        client.unanswered += 1
        client.server.deliveries.acknowledge(client.stream_id, [ack_id])

    def _read(self, client: Client) -> bool:
        frame = client.server.frame(client.stream_id)
        self.witness.sees(client, frame, self.now_ms)
        return frame is not None

    def _any_client(self, data: st.DataObject) -> Client:
        return self.clients[data.draw(st.sampled_from(sorted(self.clients)))]

    def _any_id(self, client: Client, data: st.DataObject) -> str | None:
        """Mostly something the client works on, sometimes anything it ever got."""
        ids = sorted(ack_id for ack_id, received in client.received.items() if received.valid(self.now_ms))
        if not ids or data.draw(st.integers(0, 4)) == 0:
            ids = sorted(self.witness.known[client.options.client_id])
        return data.draw(st.sampled_from(ids)) if ids else None

    def _forget(self, server: Server, stream_id: int) -> None:
        for client_id, client in list(self.clients.items()):
            if client.server is server and client.stream_id == stream_id:
                del self.clients[client_id]


StreamModel.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStreamModel = StreamModel.TestCase
