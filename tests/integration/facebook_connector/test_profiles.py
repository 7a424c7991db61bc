"""Names from Facebook to CCM: a server on a real port between the sandbox's profiles and a stream."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_ACTIVE
from expertflow.connector.v1.channel_service_pb2 import GetChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from facebook_connector.settings import ServerSettings
from messenger_sandbox import FAULTS, Stage
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.world import Person
from tests.support.channels import ANA, BEN, PAGE_ID, sandbox_config
from tests.support.inbound_wire import StreamCall, Wire, an_event, running_wire

HANGS = frozenset({"profile_slow", "profile_silence"})
REFUSALS = sorted(name for name, fault in FAULTS.items() if fault.stage is Stage.PROFILE and name not in HANGS)
PAGE_WIDE = {
    "profile_forbidden",
    "profile_limit",
    "profile_no_feature",
    "profile_no_permission",
    "profile_token_expired",
}


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - neither Facebook nor a database tells
            await asyncio.sleep(0.01)


@dataclass
class Gate:
    """Facebook's slow answers come when it opens."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _seconds: float) -> None:
        self.reached.set()
        await self.opened.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Facebook, a server, and its database file."""

    facebook: RunningSandbox
    wire: Wire
    gate: Gate
    file: Path

    def calls(self, psid: str = ANA) -> int:
        """Profile calls about the person, by Facebook's own journal."""
        told = self.facebook.journal.entries(Filter(kind=EntryKind.GRAPH_ANSWERED, psid=psid))
        return len(told)

    async def known(self, psid: str = ANA) -> None:
        """Returns when the answer about the person is stored."""
        with closing(sqlite3.connect(self.file)) as database:
            query = "SELECT 1 FROM profile WHERE psid = ? AND owner IS NULL AND hold_until_ms IS NULL"
            await until(lambda: bool(database.execute(query, (psid,)).fetchall()))


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings.load(data_dir=tmp_path / "data", listen="127.0.0.1:0")


@pytest.fixture
async def place(settings: ServerSettings) -> AsyncIterator[Place]:
    gate = Gate()
    people = (
        Person(psid=ANA, page_id=PAGE_ID, first_name="Ana", last_name="Li"),
        Person(psid=BEN, page_id=PAGE_ID, first_name="Ben", last_name="Okri"),
    )
    async with Sandbox(sandbox_config(people=people, require_proof=True, sleep=gate)).serve() as facebook:
        told = settings.model_copy(update={"graph_url": facebook.base_url})
        async with running_wire(told) as wire:
            yield Place(facebook=facebook, wire=wire, gate=gate, file=settings.data_dir / "connector.db")
        gate.opened.set()


def names(received: pb.ReceivedMessage) -> tuple[str, str]:
    data = received.message.header.channel_data
    return data.customer_first_name, data.customer_last_name


async def acknowledged(stream: StreamCall, count: int = 1) -> list[pb.ReceivedMessage]:
    found: list[pb.ReceivedMessage] = []
    while len(found) < count:
        found.append(await stream.message())
        await stream.ack(found[-1])
    return found


async def test_the_first_contact_has_the_names(place: Place) -> None:
    await place.wire.texts("m_1", psid=ANA)
    async with place.wire.stream() as stream:
        (first,) = await acknowledged(stream)
        await place.wire.texts("m_2", psid=ANA)
        (second,) = await acknowledged(stream)

    assert [names(first), names(second)] == [("Ana", "Li")] * 2
    assert place.calls() == 1


async def test_an_answer_that_hangs_costs_the_names_of_the_first_message_alone(place: Place) -> None:
    place.facebook.script_fault("profile_slow", psid=ANA)
    async with place.wire.stream() as stream:
        await place.wire.texts("m_1", psid=ANA)
        await place.gate.reached.wait()
        await stream.nothing_before_pong()
        await place.wire.texts("m_2", psid=BEN)
        (other,) = await acknowledged(stream)
        place.wire.clock.advance(2)
        (first,) = await acknowledged(stream)
        place.gate.opened.set()
        await place.known()
        await place.wire.texts("m_3", psid=ANA)
        (second,) = await acknowledged(stream)

    assert [names(received) for received in (other, first, second)] == [("Ben", "Okri"), ("", ""), ("Ana", "Li")]
    assert place.calls() == 1


async def test_many_messages_of_one_person_at_once_make_one_call(place: Place) -> None:
    async with place.wire.stream() as stream:
        await asyncio.gather(*(place.wire.texts(f"m_{number}", psid=ANA) for number in range(50)))
        received = await acknowledged(stream, 50)

    assert {names(message) for message in received} == {("Ana", "Li")}
    assert len({message.message.id for message in received}) == 50
    assert (place.calls(), place.facebook.person(ANA).profile_calls) == (1, 1)


@pytest.mark.parametrize("fault", REFUSALS)
async def test_whatever_facebook_answers_the_message_is_delivered(place: Place, fault: str) -> None:
    place.facebook.script_fault(fault, psid=ANA)
    async with place.wire.stream() as stream:
        await place.wire.texts("m_1", psid=ANA)
        (received,) = await acknowledged(stream)
        await place.wire.texts("m_2", psid=BEN)
        (other,) = await acknowledged(stream)
    told = await ChannelServiceStub(place.wire.channel).GetChannel(GetChannelRequest(page_id=PAGE_ID))

    assert names(received) == ("", "")
    assert received.delivery_attempt == 1
    assert names(other) == (("", "") if fault in PAGE_WIDE else ("Ben", "Okri"))
    assert told.channel.state == CHANNEL_STATE_ACTIVE


async def test_a_failed_try_is_made_again(place: Place) -> None:
    place.facebook.script_fault("profile_temporary", psid=ANA)
    await place.wire.texts("m_1", psid=ANA)
    async with place.wire.stream() as stream:
        (first,) = await acknowledged(stream)
        place.wire.clock.advance(5)
        await until(lambda: place.calls() == 2)
        await place.known()
        await place.wire.texts("m_2", psid=ANA)
        (second,) = await acknowledged(stream)

    assert (names(first), names(second)) == (("", ""), ("Ana", "Li"))


async def test_names_are_asked_for_again_after_a_day(place: Place) -> None:
    await place.wire.texts("m_1", psid=ANA)
    async with place.wire.stream() as stream:
        await acknowledged(stream)
        place.facebook.world.change_person(ANA, last_name="Li-Berg")
        place.wire.clock.advance(24 * 3600)
        await place.wire.texts("m_2", psid=ANA)
        (second,) = await acknowledged(stream)
        await until(lambda: place.calls() == 2)
        await place.known()
        await place.wire.texts("m_3", psid=ANA)
        (third,) = await acknowledged(stream)

    assert (names(second)[0], names(third)) == ("Ana", ("Ana", "Li-Berg"))


async def test_a_stopped_page_asks_for_nobody(place: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(place.file)) as database, database:
        database.execute("UPDATE channel SET state = 'STOPPED', stop_reason = 'PAGE_TOKEN_REJECTED'")
    async with place.wire.stream() as stream:
        await place.wire.texts("m_1", psid=ANA)
        (received,) = await acknowledged(stream)

    assert names(received) == ("", "")
    assert place.facebook.person(ANA).profile_calls == 0


class TestWithoutProfiles:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> ServerSettings:
        return ServerSettings.load(data_dir=tmp_path / "data", listen="127.0.0.1:0", profiles=False)

    async def test_nobody_is_asked_for(self, place: Place) -> None:
        await place.wire.ingest(an_event("m_1", psid=ANA))
        async with place.wire.stream() as stream:
            (received,) = await acknowledged(stream)

        assert names(received) == ("", "")
        assert place.facebook.person(ANA).profile_calls == 0
