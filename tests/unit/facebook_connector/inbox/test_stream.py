from __future__ import annotations

import asyncio

import pytest

from facebook_connector.delivery.frames import Pong, Results
from facebook_connector.errors import ConnectorError
from facebook_connector.inbox import stream as inbox_stream
from facebook_connector.inbox.stream import InboundStream
from tests.unit.facebook_connector.delivery.world import Log, Server, options


class StillClock:
    def now_ms(self) -> int:
        return 1_700_000_000_000

    def monotonic(self) -> float:
        return 0.0


class Streams:
    """Streams of one `Deliveries`, told when there is something to write, as the dispatcher does."""

    def __init__(self) -> None:
        self.server = Server(Log())
        self.open_streams: dict[int, InboundStream] = {}

    def open(self, client_id: str = "ccm-0") -> InboundStream:
        stream_id = self.server.open(options(client_id))
        stream = InboundStream(stream_id, self.server.deliveries, StillClock(), self.changed, self.open_streams.pop)
        self.open_streams[stream_id] = stream
        self.changed()
        return stream

    def changed(self) -> None:
        for stream_id in self.server.deliveries.take_writable():
            if stream_id in self.open_streams:
                self.open_streams[stream_id].tell()


@pytest.fixture
def streams() -> Streams:
    return Streams()


async def test_the_writer_sleeps_until_there_is_something_to_write(streams: Streams) -> None:
    stream = streams.open()
    frames = stream.frames()
    waiting = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    assert not waiting.done()

    stream.ping("n-1")

    assert await waiting == Pong(nonce="n-1")
    await frames.aclose()  # type: ignore[attr-defined]


async def test_the_error_that_ends_the_stream_comes_out_of_its_frames(streams: Streams) -> None:
    stream = streams.open()
    error = ConnectorError("FRAME_EMPTY", "nothing")

    stream.fail(error)

    with pytest.raises(ConnectorError) as raised:
        await anext(stream.frames())
    assert raised.value is error


async def test_a_half_closed_stream_just_ends(streams: Streams) -> None:
    stream = streams.open()

    stream.half_close()

    assert [frame async for frame in stream.frames()] == []


async def test_nothing_more_is_read_while_too_many_answers_wait(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_stream, "MAX_OWED", 3)
    stream = streams.open()
    stream.acknowledge(["x"] * 4)
    waiting = asyncio.ensure_future(stream.room())
    await asyncio.sleep(0)
    assert not waiting.done()

    assert isinstance(await anext(stream.frames()), Results)

    await waiting


async def test_a_replaced_call_whose_client_reads_nothing_is_cancelled(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_stream, "GIVE_UP_AFTER_S", 0.01)
    written = asyncio.Event()

    async def call() -> None:
        stream = streams.open()
        try:
            stream.ping("")
            async for _ in stream.frames():
                written.set()
                await asyncio.Event().wait()  # for ever: the client does not read
        finally:
            stream.close()

    older = asyncio.create_task(call())
    await written.wait()

    streams.open()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(older, 5)
    assert list(streams.open_streams) == [2]


async def test_a_call_that_ends_by_itself_is_not_cancelled_later(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_stream, "GIVE_UP_AFTER_S", 0.01)
    older = streams.open()
    streams.open()

    older.close()

    await asyncio.sleep(0.03)
    assert asyncio.current_task() is not None
