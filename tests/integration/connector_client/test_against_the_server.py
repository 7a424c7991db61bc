from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from connector_client import AckOutcome, ConnectorClient, ConnectorError, NackReason, SendState, text_message
from expertflow.connector.v1.ingest_service_pb2 import IngestInboundRequest, IngestItem
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceStub
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from messenger_sandbox import RunningSandbox, Sandbox
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.channels import ANA, BEN, PAGE_ID, add_channel, sandbox_config
from tests.support.inbound_wire import an_event
from tests.support.processes import free_port


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    settings: ServerSettings

    @property
    def address(self) -> str:
        return self.settings.listen

    def client(self, client_id: str = "ccm-1") -> ConnectorClient:
        return ConnectorClient(self.address, client_id=client_id)

    async def customer_writes(self, mid: str, psid: str = ANA) -> None:
        """Straight into the server, and for the sandbox's own idea of the messaging window."""
        event = an_event(mid, psid=psid)
        event.event_time.GetCurrentTime()
        async with grpc.aio.insecure_channel(self.address) as channel:
            request = IngestInboundRequest(items=[IngestItem(event=event)])
            await IngestServiceStub(channel).IngestInbound(request)
        self.facebook.person(psid).says("opens the window")


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    async with Sandbox(sandbox_config()).serve() as facebook:
        yield facebook


@pytest.fixture
def place(facebook: RunningSandbox, tmp_path: Path) -> Place:
    """Not running yet."""
    listen = f"127.0.0.1:{free_port()}"
    return Place(facebook, ServerSettings.load(listen=listen, data_dir=tmp_path, graph_url=facebook.base_url))


@pytest.fixture
async def running(place: Place) -> AsyncIterator[Place]:
    async with running_server(place.settings):
        await add_channel(place.address)
        yield place


async def test_a_message_is_received_and_acked_for_good(running: Place) -> None:
    await running.customer_writes("m_1")

    async with running.client() as client:
        received = await anext(client.inbound("ccm"))
        first, second = await received.ack(), await received.ack()

    assert (received.message.id, received.ordering_key) == ("cim-m_1", f"{PAGE_ID}/{ANA}")
    assert (first, second) == (AckOutcome.OK, AckOutcome.STALE)


async def test_the_next_of_a_conversation_comes_after_the_ack(running: Place) -> None:
    for mid in ("m_1", "m_2", "m_3"):
        await running.customer_writes(mid)

    async with running.client() as client, aclosing(client.inbound("ccm")) as messages:
        arrived = []
        async for received in messages:
            arrived.append(received.message.id)
            assert await received.ack() is AckOutcome.OK
            if len(arrived) == 3:
                break

    assert arrived == ["cim-m_1", "cim-m_2", "cim-m_3"]


async def test_a_nacked_message_comes_again_as_the_next_attempt(running: Place) -> None:
    await running.customer_writes("m_1")

    async with running.client() as client:
        messages = client.inbound("ccm")
        assert await (await anext(messages)).nack(NackReason.UNAVAILABLE, delay=0) is AckOutcome.OK
        again = await anext(messages)
        await again.ack()

    assert (again.message.id, again.delivery_attempt) == ("cim-m_1", 2)


async def test_what_is_left_unsettled_goes_to_the_next_reader(running: Place) -> None:
    await running.customer_writes("m_1")

    async with running.client("ccm-1") as first:
        await anext(first.inbound("ccm"))
    async with running.client("ccm-2") as second, asyncio.timeout(5):
        received = await anext(second.inbound("ccm"))
        await received.ack()

    assert received.message.id == "cim-m_1"


async def test_the_older_of_two_streams_with_one_client_id_ends_for_good(running: Place) -> None:
    await running.customer_writes("m_1")

    async with running.client("same") as first, running.client("same") as second:
        older, newer = first.inbound("ccm"), second.inbound("ccm")
        await anext(older)
        taken_over = asyncio.create_task(anext(newer))
        with pytest.raises(ConnectorError) as caught:
            await anext(older)
        assert await (await taken_over).ack() is AckOutcome.OK

    assert (caught.value.code, caught.value.reason) == (grpc.StatusCode.ABORTED, "REPLACED")


async def test_a_restart_of_the_server_is_survived_with_the_message_in_hand(place: Place) -> None:
    async with place.client() as client:
        messages = client.inbound("ccm")
        async with running_server(place.settings):
            await add_channel(place.address)
            await place.customer_writes("m_1")
            await place.customer_writes("m_2")
            held = await anext(messages)
        async with running_server(place.settings):
            outcome = await held.ack()
            following = await anext(messages)
            await following.ack()

    assert (held.message.id, outcome) == ("cim-m_1", AckOutcome.OK)
    assert (following.message.id, following.delivery_attempt) == ("cim-m_2", 1)


@pytest.mark.parametrize(
    ("subscription", "client_id", "reason"),
    [("nobody-made-it", "ccm-1", "SUBSCRIPTION_NOT_FOUND"), ("ccm", "with blank", "INVALID_FIELD")],
)
async def test_a_stream_that_cannot_be_is_refused_with_its_reason(
    running: Place, subscription: str, client_id: str, reason: str
) -> None:
    async with running.client(client_id) as client:
        with pytest.raises(ConnectorError) as caught:
            await anext(client.inbound(subscription))

    assert caught.value.reason == reason


async def test_many_messages_are_sent_over_one_call(running: Place) -> None:
    for psid in (ANA, BEN):
        await running.customer_writes(f"m_{psid}", psid)
    letters = [text_message(PAGE_ID, psid, f"{number}") for number in range(5) for psid in (ANA, BEN)]
    letters.append(text_message("999000", ANA, "no such page"))

    async with running.client() as client:
        outcomes = [outcome async for outcome in client.send_many(letters)]

    assert {outcome.id: outcome.error and outcome.error.reason for outcome in outcomes} == {
        letter.id: "CHANNEL_NOT_FOUND" if letter is letters[-1] else None for letter in letters
    }
    assert running.facebook.person(ANA).saw == running.facebook.person(BEN).saw == ("0", "1", "2", "3", "4")


async def test_a_sent_message_can_be_looked_up(running: Place) -> None:
    await running.customer_writes("m_1")
    letter = text_message(PAGE_ID, ANA, "once")

    async with running.client() as client:
        sent, repeated = await client.send(letter), await client.send(letter)
        found = await client.get_message(letter.id)

    assert (sent.already_accepted, repeated.already_accepted) == (False, True)
    assert SendState(found.message.state) is SendState.SENT
    assert found.message.parts[0].provider_message_id == sent.parts[0].provider_message_id
    assert running.facebook.person(ANA).saw == ("once",)


async def test_a_file_is_written_sent_and_read_again(running: Place) -> None:
    data = MEDIA_ROWS["pdf"].build(b"invoice") + bytes(600_000)
    await running.customer_writes("m_1")
    async with running.client() as client:
        written = await client.write_media(data, file_name="Rechnung März.pdf")
        message = text_message(PAGE_ID, ANA, "")
        message.body.Clear()
        message.body.type = "FILE"
        message.body.file.attachment.media_url = written.media_url
        assert SendState((await client.send(message)).state) is SendState.SENT
        read = await client.read_media(written.info.id)
    assert (read.info, read.data) == (written.info, data)
    (taken,) = running.facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
    (sent,) = taken.details["media"]
    assert (sent["type"], sent["name"], sent["sha256"]) == ("file", "Rechnung Marz.pdf", written.info.sha256)


async def test_what_cannot_be_written_or_read_says_why(running: Place) -> None:
    async with running.client() as client:
        with pytest.raises(ConnectorError) as unwritten:
            await client.write_media(bytes(25_000_001), file_name="a.bin")
        with pytest.raises(ConnectorError) as unread:
            await client.read_media("nobodys")
    assert (unwritten.value.reason, unread.value.reason) == ("MEDIA_TOO_LARGE", "MEDIA_NOT_FOUND")


async def test_a_write_waits_for_a_server_that_starts(place: Place) -> None:
    async with place.client() as client:
        writing = asyncio.create_task(client.write_media(b"hello", file_name="a.txt"))
        await asyncio.sleep(0)
        async with running_server(place.settings):
            assert (await writing).info.mime_type == "text/plain"
