"""Files of the File Engine on their way to a customer: the sandbox is Facebook."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.media.file_engine.engine import FileEngine, FileEngineOptions
from facebook_connector.media.file_engine.names import FileEngineLinks
from facebook_connector.sending.values import MessageState
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.file_engine import FileEngineStandIn, running_file_engine
from tests.support.outbox_world import OutboxWorld, text_message

PDF = MEDIA_ROWS["pdf"].build(b"reply")


def a_file(link: str) -> CimMessage:
    message = text_message("")
    message.body.Clear()
    message.body.type = "FILE"
    message.body.file.attachment.media_url = link
    return message


@pytest.fixture
async def engine(quiet: OutboxWorld) -> AsyncIterator[FileEngineStandIn]:
    async with running_file_engine() as stand_in:
        links = FileEngineLinks(url=stand_in.url, public_url=stand_in.public_url)
        async with FileEngine(FileEngineOptions(links=links, max_bytes=5_000_000)) as quiet.file_engine:
            yield stand_in


async def test_what_the_file_engine_does_not_give_fails_with_its_address_and_the_lane_goes_on(
    engine: FileEngineStandIn, quiet: OutboxWorld
) -> None:
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        gone = f"{engine.public_url}/api/downloadFileStream?filename=48216_gone.pdf"
        await quiet.send(a_file(gone), wait_ms=0)
        await quiet.send(text_message("next", "out-2"), wait_ms=0)
        for tries in range(1, 5):
            await quiet.until_history_has(tries, "did not come")
            quiet.clock.shift_ms += 60_000
        found = await quiet.until_state(MessageState.FAILED, closed=True)
        await quiet.until_state(MessageState.SENT, "out-2")
    assert found.status.failure is not None
    assert found.status.failure.metadata == {"origin": engine.url, "cause": "404"}
    assert engine.downloads == ["48216_gone.pdf"] * 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_of_the_file_engine_beyond_messenger_s_limit_is_refused(
    engine: FileEngineStandIn, quiet: OutboxWorld
) -> None:
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.send(a_file(engine.has("1_big.pdf", PDF + bytes(25_000_000))), wait_ms=0)
        found = await quiet.until_state(MessageState.FAILED, closed=True)
    assert found.status.failure is not None
    assert found.status.failure.reason == "MEDIA_TOO_LARGE"
