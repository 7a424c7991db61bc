"""A small world around `Deliveries`: a log and cursors as the contract describes them, and a clock in the hand.

The log here is the oracle of the model tests: the simplest thing that keeps the promises of `CursorStore`. It stands
for no database; the integration tests use the real one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.deliveries import Deliveries
from facebook_connector.delivery.frames import Delivery, End, Frame, Messages, Results, Started
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.poison import Verdict, is_hopeless, judge_hopeless
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import (
    AckOutcome,
    AckToken,
    Adopted,
    ClaimRequest,
    Extension,
    Head,
    Release,
    ReleaseOutcome,
    Subscription,
)
from facebook_connector.delivery.work import PauseChange, Work

OK = inbound_pb2.ACK_OUTCOME_OK
STALE = inbound_pb2.ACK_OUTCOME_STALE
UNKNOWN = inbound_pb2.ACK_OUTCOME_UNKNOWN
MESSAGE = inbound_pb2.EVENT_KIND_MESSAGE
REACTION = inbound_pb2.EVENT_KIND_REACTION
LIVE = inbound_pb2.DELIVERY_ORIGIN_LIVE
REDRIVE = inbound_pb2.DELIVERY_ORIGIN_REDRIVE
REPLAY = inbound_pb2.DELIVERY_ORIGIN_REPLAY

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
    side: deque[tuple[int, int]] = field(default_factory=deque)
    """Index of the message and origin, for what operators had delivered again."""
    at_side: bool = False
    """Whether the head is the first of `side` and not the one in its order."""
    failures: int = 0
    first_failure_ms: int = 0
    ready_at_ms: int | None = None
    attempt: int = 0
    epoch: int = 0
    client_id: str | None = None
    """Who holds the claim; None when nobody does."""

    @property
    def head(self) -> int | None:
        """The index of the message to deliver next."""
        if self.at_side:
            return self.side[0][0]
        return self.position if self.position < len(self.messages) else None

    @property
    def origin(self) -> int:
        return self.side[0][1] if self.at_side else LIVE

    def move_on(self, now_ms: int) -> None:
        """The head is done with: what comes next is ready, and nobody's."""
        if self.at_side:
            self.side.popleft()
        else:
            self.position += 1
        self.at_side = bool(self.side)
        self.attempt = self.failures = 0
        self.client_id, self.ready_at_ms = None, None if self.head is None else now_ms


class Log:
    """Keys, their messages and one cursor each."""

    def __init__(self) -> None:
        self.keys: dict[int, Key] = {}
        self.completed: set[AckToken] = set()
        """The attempts whose acknowledgement moved a cursor."""
        self.dead_letters: list[tuple[int, int]] = []
        """Key and index of each message that was given up, and not sent again since."""
        self.pauses: list[PauseChange] = []

    def store(self, key_id: int, now_ms: int, *, size: int = 10, kind: int = MESSAGE, page_id: str = "100") -> None:
        key = self.keys.setdefault(key_id, Key(key_id=key_id, page_id=page_id))
        key.messages.append(Stored(body=b"x" * size, kind=kind))
        if key.ready_at_ms is None:
            key.ready_at_ms = now_ms

    def at_side(self, key_id: int, index: int, origin: int, now_ms: int) -> None:
        """An operator has a message delivered again."""
        key = self.keys[key_id]
        key.side.append((index, origin))
        if key.client_id is None and key.attempt == 0 and not key.at_side:
            key.at_side, key.ready_at_ms = True, now_ms

    def redrive(self, now_ms: int) -> None:
        """An operator sends all dead letters again."""
        dead, self.dead_letters = self.dead_letters, []
        for key_id, index in dead:
            self.at_side(key_id, index, REDRIVE, now_ms)

    def claim(self, request: ClaimRequest) -> list[Head]:
        heads: list[Head] = []
        ready = [key for key in self.keys.values() if key.ready_at_ms is not None and key.ready_at_ms <= request.now_ms]
        for key in sorted(ready, key=lambda key: (key.ready_at_ms, key.key_id)):
            full = request.max_bytes is not None and sum(head.size for head in heads) >= request.max_bytes
            if len(heads) == request.limit or full:
                break
            wanted_page = not request.page_ids or key.page_id in request.page_ids
            if wanted_page and (not request.kinds or key.messages[key.head or 0].kind in request.kinds):
                heads.append(self._claim(key, request.client_id, request.until_ms))
        return heads

    def acknowledge(self, tokens: Sequence[AckToken], until_ms: int) -> list[AckOutcome]:
        return [self._acknowledge(token, until_ms) for token in tokens]

    def release(self, releases: Sequence[Release], now_ms: int, working_keys: int) -> list[ReleaseOutcome]:
        return [self._release(release, now_ms, working_keys) for release in releases]

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
        return all(key.head is None for key in self.keys.values())

    def _held(self, token: AckToken) -> Key | None:
        key = self.keys.get(token.key_id)
        held = key is not None and key.client_id is not None and key.epoch == token.epoch
        return key if held else None

    def _claim(self, key: Key, client_id: str, until_ms: int) -> Head:
        key.epoch += 1
        key.attempt += 1
        key.client_id, key.ready_at_ms = client_id, until_ms
        assert key.head is not None
        message = key.messages[key.head]
        token = AckToken(
            subscription_id=SUBSCRIPTION.subscription_id,
            key_id=key.key_id,
            seq=key.head + 1,
            attempt=key.attempt,
            epoch=key.epoch,
        )
        return Head(
            token=token,
            page_id=key.page_id,
            ordering_key=f"{key.page_id}/{key.key_id}",
            kind=message.kind,
            origin=key.origin,
            tenant_id="expertflow",
            cim_id=f"{key.key_id}-{key.head}",
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
        client_id = key.client_id
        key.move_on(until_ms)
        following = None if key.head is None else self._claim(key, client_id, until_ms)
        return AckOutcome(token=token, result=OK, next_head=following)

    def _release(self, release: Release, now_ms: int, working_keys: int) -> ReleaseOutcome:
        key = self._held(release.token)
        if key is None:
            return ReleaseOutcome(result=STALE)
        if release.counted:
            key.first_failure_ms = key.first_failure_ms if key.failures else now_ms
            key.failures += 1
        verdict = self._judge(key, now_ms, working_keys) if release.counted else Verdict.RETRY
        if verdict is Verdict.GIVE_UP:
            self.dead_letters.append((key.key_id, key.head or 0))
            key.move_on(now_ms)
        else:
            key.client_id, key.ready_at_ms = None, release.ready_at_ms
            key.attempt -= release.unsent
        return ReleaseOutcome(result=OK, verdict=verdict)

    def _judge(self, key: Key, now_ms: int, working_keys: int) -> Verdict:
        if not is_hopeless(failures=key.failures, first_failure_ms=key.first_failure_ms, now_ms=now_ms):
            return Verdict.RETRY
        failing_keys = sum(other.failures > 0 for other in self.keys.values())
        return judge_hopeless(failing_keys=failing_keys, working_keys=working_keys)


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
            released=self.log.release(work.releases, work.now_ms, work.working_keys),
            claimed=[self.log.claim(claim.request) for claim in work.claims],
            pauses=[work.pause] if work.pause else [],
            adopted=[
                self.log.adopt(
                    adoption.client_id, [held.token for held in adoption.held], adoption.until_ms, work.now_ms
                )
                for adoption in work.adoptions
            ],
        )

    def answer(self, work: Work, answers: Answers) -> None:
        self.log.pauses += answers.pauses
        self.deliveries.extended(work.extensions, answers.extended)
        self.deliveries.acknowledged(answers.acknowledged, work.now_ms, self.now_ms)
        self.deliveries.released(work.releases, answers.released, self.now_ms)
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
    released: list[ReleaseOutcome]
    claimed: list[list[Head]]
    adopted: list[list[int]]
    pauses: list[PauseChange]


def fill(server: Server, keys: int, *, each: int = 1, size: int = 10) -> None:
    """Stores so many messages in each of so many keys."""
    for key_id in range(keys):
        for _ in range(each):
            server.log.store(key_id, server.now_ms, size=size)
    server.deliveries.ready()
