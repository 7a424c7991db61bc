"""A small world around `Deliveries`: a log and cursors as the contract describes them, and a clock in the hand.

The log here is the oracle of the model tests: the simplest thing that keeps the promises of `CursorStore`. It stands
for no database; the integration tests use the real one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.deliveries import Deliveries
from facebook_connector.delivery.frames import Delivery, End, Frame, Messages, Results, Started
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import (
    AckOutcome,
    AckToken,
    Adopted,
    ClaimRequest,
    Extension,
    Head,
    Release,
    Subscription,
)
from facebook_connector.delivery.work import Work

OK = inbound_pb2.ACK_OUTCOME_OK
STALE = inbound_pb2.ACK_OUTCOME_STALE
UNKNOWN = inbound_pb2.ACK_OUTCOME_UNKNOWN
MESSAGE = inbound_pb2.EVENT_KIND_MESSAGE
REACTION = inbound_pb2.EVENT_KIND_REACTION

SUBSCRIPTION = Subscription(subscription_id=7, name="ccm", kinds=frozenset({MESSAGE, REACTION}))
START_MS = 1_700_000_000_000


def options(client_id: str = "ccm-0", **changes: object) -> StreamOptions:
    values: dict[str, object] = {"ack_deadline_ms": 30_000, "window": Window(), **changes}
    return StreamOptions(client_id=client_id, **values)  # type: ignore[arg-type]


@dataclass(slots=True)
class Stored:
    """A message of the log."""

    body: bytes
    kind: int


@dataclass(slots=True)
class Key:
    """A conversation: its messages and how far they are acknowledged."""

    key_id: int
    page_id: str
    messages: list[Stored] = field(default_factory=list)
    position: int = 0
    ready_at_ms: int | None = None
    attempt: int = 0
    epoch: int = 0
    client_id: str | None = None
    """Who holds the claim; None when nobody does."""


class Log:
    """Keys, their messages and one cursor each."""

    def __init__(self) -> None:
        self.keys: dict[int, Key] = {}
        self.completed: set[AckToken] = set()
        """The attempts whose acknowledgement moved a cursor."""

    def store(self, key_id: int, now_ms: int, *, size: int = 10, kind: int = MESSAGE, page_id: str = "100") -> None:
        key = self.keys.setdefault(key_id, Key(key_id=key_id, page_id=page_id))
        key.messages.append(Stored(body=b"x" * size, kind=kind))
        if key.ready_at_ms is None:
            key.ready_at_ms = now_ms

    def claim(self, request: ClaimRequest) -> list[Head]:
        heads: list[Head] = []
        ready = [key for key in self.keys.values() if key.ready_at_ms is not None and key.ready_at_ms <= request.now_ms]
        for key in sorted(ready, key=lambda key: (key.ready_at_ms, key.key_id)):
            full = request.max_bytes is not None and sum(head.size for head in heads) >= request.max_bytes
            if len(heads) == request.limit or full:
                break
            wanted_page = not request.page_ids or key.page_id in request.page_ids
            if wanted_page and (not request.kinds or key.messages[key.position].kind in request.kinds):
                heads.append(self._claim(key, request.client_id, request.until_ms))
        return heads

    def acknowledge(self, tokens: Sequence[AckToken], until_ms: int) -> list[AckOutcome]:
        return [self._acknowledge(token, until_ms) for token in tokens]

    def release(self, releases: Sequence[Release]) -> list[int]:
        return [self._release(release) for release in releases]

    def extend(self, extensions: Sequence[Extension]) -> list[int]:
        results: list[int] = []
        for extension in extensions:
            key = self._held(extension.token)
            if key is not None:
                key.ready_at_ms = extension.until_ms
            results.append(STALE if key is None else OK)
        return results

    def adopt(self, client_id: str, held: Sequence[AckToken], until_ms: int, now_ms: int) -> list[int]:
        results: list[int] = []
        for token in held:
            key = self._held(token)
            kept = key is not None and key.client_id == client_id
            if key is not None and kept:
                key.ready_at_ms = until_ms
            results.append(OK if kept else STALE)
        kept_keys = {token.key_id for token, result in zip(held, results, strict=True) if result == OK}
        for key in self.keys.values():
            if key.client_id == client_id and key.key_id not in kept_keys:
                key.client_id, key.ready_at_ms = None, now_ms
        return results

    def done(self) -> bool:
        return all(key.position == len(key.messages) for key in self.keys.values())

    def _held(self, token: AckToken) -> Key | None:
        key = self.keys.get(token.key_id)
        held = key is not None and key.client_id is not None and key.epoch == token.epoch
        return key if held else None

    def _claim(self, key: Key, client_id: str, until_ms: int) -> Head:
        key.epoch += 1
        key.attempt += 1
        key.client_id, key.ready_at_ms = client_id, until_ms
        message = key.messages[key.position]
        token = AckToken(
            subscription_id=SUBSCRIPTION.subscription_id,
            key_id=key.key_id,
            seq=key.position + 1,
            attempt=key.attempt,
            epoch=key.epoch,
        )
        return Head(
            token=token,
            page_id=key.page_id,
            ordering_key=f"{key.page_id}/{key.key_id}",
            kind=message.kind,
            origin=inbound_pb2.DELIVERY_ORIGIN_LIVE,
            tenant_id="expertflow",
            cim_id=f"{key.key_id}-{key.position}",
            message=message.body,
            context=b"",
            store_time_ms=START_MS,
            late=False,
        )

    def _acknowledge(self, token: AckToken, until_ms: int) -> AckOutcome:
        key = self._held(token)
        if key is None or key.client_id is None:
            return AckOutcome(token=token, result=STALE)
        self.completed.add(token)
        key.position += 1
        key.attempt = 0
        if key.position < len(key.messages):
            return AckOutcome(token=token, result=OK, next_head=self._claim(key, key.client_id, until_ms))
        key.client_id, key.ready_at_ms = None, None
        return AckOutcome(token=token, result=OK)

    def _release(self, release: Release) -> int:
        key = self._held(release.token)
        if key is None:
            return STALE
        key.client_id, key.ready_at_ms = None, release.ready_at_ms
        key.attempt -= release.unsent
        return OK


class Server:
    """One server's `Deliveries` on the log, with a conductor that runs when told to."""

    def __init__(self, log: Log, *, now_ms: int = START_MS) -> None:
        self.log = log
        self.now_ms = now_ms
        self.generation = 0
        """What the store numbers the next streams with."""
        self.deliveries = Deliveries(subscription=SUBSCRIPTION, owner="server-1", random=lambda: 0.5)

    def open(self, opening: StreamOptions | None = None, *, generation: int = 0) -> int:
        """Opens a stream and writes its first frame."""
        self.generation = generation
        stream_id = self.deliveries.open(opening or options(), self.now_ms)
        self.work()
        assert isinstance(self.frame(stream_id), Started)
        assert self.frame(stream_id) is None
        return stream_id

    def advance(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        self.deliveries.tick(self.now_ms)

    def work(self) -> None:
        """Rounds of store calls until there is nothing to do."""
        for _ in range(100):
            self.deliveries.tick(self.now_ms)
            work = self.deliveries.take_work(self.now_ms)
            if not work:
                return
            self.answer(work, self.carry_out(work))
        raise AssertionError("the rounds do not end")

    def carry_out(self, work: Work) -> Answers:
        return Answers(
            extended=self.log.extend(work.extensions),
            acknowledged=self.log.acknowledge(work.acks, work.acks_until_ms),
            released=self.log.release(work.releases),
            claimed=[self.log.claim(claim.request) for claim in work.claims],
            adopted=[
                self.log.adopt(
                    adoption.client_id, [held.token for held in adoption.held], adoption.until_ms, work.now_ms
                )
                for adoption in work.adoptions
            ],
        )

    def answer(self, work: Work, answers: Answers) -> None:
        self.deliveries.extended(work.extensions, answers.extended)
        self.deliveries.acknowledged(answers.acknowledged, work.now_ms, self.now_ms)
        self.deliveries.released(work.releases, answers.released)
        for claim, heads in zip(work.claims, answers.claimed, strict=True):
            self.deliveries.claimed(claim, heads, self.now_ms)
        for adoption, results in zip(work.adoptions, answers.adopted, strict=True):
            self.deliveries.adopted(adoption, Adopted(results=tuple(results), generation=self.generation), self.now_ms)

    def frame(self, stream_id: int) -> Frame | End | None:
        """What the stream's writer gets when it asks."""
        return self.deliveries.next_frame(stream_id, self.now_ms)

    def frames(self, stream_id: int) -> list[Frame | End]:
        """Everything the writer gets until there is nothing more to say."""
        frames: list[Frame | End] = []
        while True:
            self.work()
            frame = self.frame(stream_id)
            if frame is None:
                self.work()
                frame = self.frame(stream_id)
            if frame is None:
                return frames
            frames.append(frame)
            if isinstance(frame, End):
                return frames

    def received(self, stream_id: int) -> list[Delivery]:
        """The deliveries among those frames."""
        frames = self.frames(stream_id)
        return [delivery for frame in frames if isinstance(frame, Messages) for delivery in frame.deliveries]

    def results(self, stream_id: int) -> dict[str, int]:
        """The results among those frames."""
        frames = self.frames(stream_id)
        return {
            result.ack_id: result.outcome for frame in frames if isinstance(frame, Results) for result in frame.results
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the log answered to one `Work`."""

    extended: list[int]
    acknowledged: list[AckOutcome]
    released: list[int]
    claimed: list[list[Head]]
    adopted: list[list[int]]


def fill(server: Server, keys: int, *, each: int = 1, size: int = 10) -> None:
    """Stores so many messages in each of so many keys."""
    for key_id in range(keys):
        for _ in range(each):
            server.log.store(key_id, server.now_ms, size=size)
    server.deliveries.ready()
