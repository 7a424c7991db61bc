"""Erasing a customer: no byte of theirs is left in any table, file or folder, and everybody else goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from sqlalchemy import insert, select

from cim_messenger.inbound import TranslatorSettings, media_links_under, read_webhook, translate
from expertflow.cim.v1.message_pb2 import ChannelData, CimMessage, MessageBody, MessageHeader, Sender
from expertflow.connector.v1.connector_service_pb2 import GetMessageRequest, SendMessageRequest
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent, QuarantinedItem
from expertflow.connector.v1.media_service_pb2 import MediaHeader, WriteMediaRequest
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceStub
from expertflow.connector.v1.operations_service_pb2 import (
    EraseCustomerRequest,
    EraseCustomerResponse,
    ReplayInboundRequest,
)
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_FAILED, SendOptions
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.outbound.attachment_schema import attachment
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.schema import METADATA
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.channels import PAGE_ID
from tests.support.file_engine import running_file_engine
from tests.support.inbound_records import PAGE, PSID
from tests.support.inbound_wire import STALE
from tests.support.media_host import MediaHost, running_media_host
from tests.support.operators import ANNA, CCM, Operators, refusal, running_operators

CANARY = "canary-5f1e"
"""Stands in everything that the customer wrote, or was written."""
SAID_MS = time.time_ns() // 1_000_000
"""When it was said: a moment ago, for the customer may still be answered."""
OTHER = "7009009009009009"
SETTINGS = TranslatorSettings(media_link=media_links_under("https://cc.example"))
PICTURE = b"\x89PNG\r\n\x1a\n" + CANARY.encode() * 50


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A server whose database and files can be searched."""

    operators: Operators
    folder: Path
    database_url: str
    host: MediaHost

    async def say(self, *texts: str, psid: str = PSID, **message: Any) -> None:
        items = [item(f"{text} {CANARY}", psid, **message) for text in texts]
        await self.operators.ingest(*events(*items))

    async def erase(self, psid: str = PSID, request_id: str = "") -> EraseCustomerResponse:
        return await self.operators.operations.EraseCustomer(
            EraseCustomerRequest(page_id=PAGE, psid=psid, request_id=request_id), metadata=ANNA
        )

    async def traces(self) -> list[str]:
        """Where the canary still stands: files of the embedded database and of media, or tables of PostgreSQL."""
        files = [path.relative_to(self.folder) for path in await asyncio.to_thread(_files_with_canary, self.folder)]
        found = [str(path) for path in files]
        if self.database_url.startswith("postgresql"):
            async with open_database(self.database_url) as database:
                found += await database.read(_tables_with_canary)
        return found


def _files_with_canary(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def _tables_with_canary(transaction: Transaction) -> list[str]:
    found = []
    for table in METADATA.tables.values():
        for row in transaction.execute(select(table)):
            held = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
            found += [table.name] if CANARY.encode() in held else []
    return found


def item(text: str, psid: str = PSID, **message: Any) -> dict[str, Any]:
    said = {"mid": f"m_{abs(hash((text, psid)))}", "text": text, **message}
    return {"sender": {"id": psid}, "recipient": {"id": PAGE}, "timestamp": SAID_MS, "message": said}


def events(*items: dict[str, Any], name: str = "messaging") -> list[InboundEvent]:
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1, name: items}]}).encode()
    translated = translate(read_webhook(body), SETTINGS)
    assert all(isinstance(event, InboundEvent) for event in translated)
    return [event for event in translated if isinstance(event, InboundEvent)]


def answer(cim_id: str, psid: str = PSID, *, file: str = "") -> SendMessageRequest:
    header = MessageHeader(
        sender=Sender(id="agent", type="AGENT"),
        channel_data=ChannelData(channel_customer_identifier=psid, service_identifier=PAGE),
    )
    body = MessageBody(type="PLAIN", markdown_text=f"an answer {CANARY}")
    if file:
        body = MessageBody(type="FILE", markdown_text="")
        body.file.attachment.media_url = file
    else:
        body.plain.SetInParent()
    return SendMessageRequest(
        message=CimMessage(id=cim_id, header=header, body=body), options=SendOptions(wait=Duration())
    )


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    folder = tmp_path / "data"
    url = f"sqlite:///{folder / 'connector.db'}" if database_url.startswith("sqlite") else database_url
    async with (
        running_media_host() as host,
        running_operators(folder, url, media_origins=host.origin) as operators,
    ):
        await operators.add_channel()
        yield World(operators=operators, folder=folder, database_url=url, host=host)


async def with_everything(world: World) -> None:
    """Leaves the customer's words in every place that can hold any."""
    picture = {"type": "image", "payload": {"url": world.host.gives(f"/{CANARY}.png", PICTURE)}}
    await world.say("a picture", attachments=[picture])
    await world.operators.received(2)
    await world.say("unread", "also unread")
    reaction = {"mid": "m_never_seen", "action": "react", "emoji": CANARY, "reaction": CANARY}
    waits = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": SAID_MS, "reaction": reaction}
    feed = {"field": "feed", "value": {"from": {"id": PSID}, "message": CANARY, "verb": "add", "comment_id": "1"}}
    await world.operators.ingest(*events(waits), *events(feed, name="changes"))
    await world.operators.ingest(
        QuarantinedItem(reason="UNTRANSLATABLE", page_id=PAGE, raw=json.dumps(item(CANARY)).encode()),
        QuarantinedItem(reason="NOT_JSON", raw=f'{{"id": {PSID}, "text": "{CANARY}'.encode()),
    )
    await world.operators.connector.SendMessage(answer("out-1"), metadata=CCM)
    replay = ReplayInboundRequest(subscription="ccm", page_id=PAGE, psid=PSID)
    replay.start_time.FromMilliseconds(0)
    await world.operators.operations.ReplayInbound(replay, metadata=ANNA)


async def test_no_byte_is_left(world: World) -> None:
    await with_everything(world)
    assert await world.traces()

    erased = await world.erase()

    assert await world.traces() == []
    assert (erased.erased_events, erased.erased_messages, erased.erased_media) == (5, 1, 1)
    # CCM is told that the waiting message was cancelled: that event has come since, and holds ids alone.
    again = await world.erase()
    assert (again.erased_messages, again.erased_media) == (0, 0)
    assert again.erased_events <= 1
    assert await world.traces() == []


async def test_files_that_the_file_engine_has_are_named_without_a_word_of_the_customer(
    tmp_path: Path, database_url: str
) -> None:
    folder = tmp_path / "data"
    url = f"sqlite:///{folder / 'connector.db'}" if database_url.startswith("sqlite") else database_url
    async with running_media_host() as host, running_file_engine() as engine:
        there: dict[str, Any] = {"file_engine_url": engine.url, "file_engine_public_url": engine.public_url}
        async with running_operators(folder, url, media_origins=host.origin, **there) as operators:
            await operators.add_channel()
            world = World(operators=operators, folder=folder, database_url=url, host=host)
            document = {"type": "file", "payload": {"url": host.gives(f"/{CANARY}.png", PICTURE)}}
            await world.say("a file", attachments=[document])
            received = await operators.received(2)
            erased, again = await world.erase(), await world.erase()
            traces = await world.traces()
            ((*_, detail), *_) = reversed(await operators.audited())

    (stored,) = engine.files
    assert received[1].message.body.file.attachment.media_name == stored
    assert [f"{tag}_{CANARY}.png" for tag in erased.file_engine_tags] == [stored]
    assert again.file_engine_tags == erased.file_engine_tags
    assert "left in the File Engine: 1" in detail
    assert traces == []


async def test_a_repeat_finds_nothing_left(world: World) -> None:
    await world.say("hello")
    assert (await world.erase()).erased_events == 1
    assert list((await world.erase()).ListFields()) == []


async def test_names_of_people_and_files_are_forgotten(world: World, database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("an embedded database has one server, which is busy serving")
    async with open_database(database_url) as database:
        await _know_the_names(database)
        await world.erase()
        assert await world.traces() == []


async def _know_the_names(database: Database) -> None:
    row = {"page_id": PAGE, "psid": PSID, "first_name": CANARY, "last_name": "", "fresh_until_ms": 0, "attempts": 0}
    file = {"page_id": PAGE, "sha256": "0" * 64, "kind": "file", "name": f"{CANARY}.pdf", "attachment_id": "1"}

    def work(transaction: Transaction) -> None:
        transaction.execute(insert(profile).values(**row, expire_time_ms=1))
        transaction.execute(insert(attachment).values(**file, expire_time_ms=2 * SAID_MS))

    await database.write(work)


async def test_the_words_of_many_customers_between_one_another_are_told_apart(world: World) -> None:
    for number in range(40):
        await world.say(f"{number} " + "x" * (37 * number % 900))
        words = item(f"{number} of somebody else " + "y" * (53 * number % 900), OTHER)
        await world.operators.ingest(*events(words))

    await world.erase()

    assert await world.traces() == []
    left = [received.message.body.markdown_text for received in await world.operators.received(40)]
    assert all("of somebody else" in text for text in left)


async def test_others_keep_what_they_have(world: World) -> None:
    await world.say("hello", psid=OTHER)
    longer = QuarantinedItem(reason="NOT_JSON", raw=f'{{"id": "{PSID}9", "text": "{CANARY}'.encode())
    await world.operators.ingest(longer)
    await world.erase()
    assert len(await world.traces()) > 0
    (received,) = await world.operators.received(1)
    assert received.message.body.markdown_text == f"hello {CANARY}"


async def test_the_customer_may_write_again_and_a_repeat_of_what_was_erased_stays_away(world: World) -> None:
    await world.say("first", "second")
    await world.erase()
    assert await world.operators.ingest(*events(item(f"first {CANARY}"))) == ["DUPLICATE"]
    await world.say("third")
    (received,) = await world.operators.received(1)
    assert received.message.body.markdown_text == f"third {CANARY}"


async def test_a_message_under_way_to_ccm_vanishes_and_its_acknowledgement_is_stale(console: Console) -> None:
    await console.wire.texts("m_1", "m_2")
    async with console.wire.stream() as stream:
        received = await stream.message()
        erased = await console.operations.EraseCustomer(EraseCustomerRequest(page_id=PAGE_ID, psid="70001"))
        await stream.ack(received)
        assert list((await stream.results()).values()) == [STALE]
        await console.wire.texts("m_3")
        following = await stream.message()
    assert (erased.erased_events, following.message.id) == (2, "cim-m_3")


async def test_messages_that_wait_are_cancelled_and_their_ids_stay(world: World) -> None:
    await world.operators.connector.SendMessage(answer("out-1"), metadata=CCM)
    erased = await world.erase()
    assert erased.erased_messages == 1

    details = await world.operators.connector.GetMessage(GetMessageRequest(id="out-1"), metadata=CCM)
    assert details.message.state == SEND_STATE_FAILED
    assert (details.message.failure.reason, dict(details.message.failure.metadata)) == ("CANCELLED", {"actor": "anna"})
    again = await world.operators.connector.SendMessage(answer("out-1"), metadata=CCM)
    assert again.already_accepted


async def test_a_file_goes_unless_it_was_sent_to_somebody_else(world: World) -> None:
    await world.say("hello")
    await world.say("hello", psid=OTHER)
    own, shared = await written(world, "own.pdf"), await written(world, "shared.pdf")
    await world.operators.connector.SendMessage(answer("out-1", file=own), metadata=CCM)
    await world.operators.connector.SendMessage(answer("out-2", file=shared), metadata=CCM)
    await world.operators.connector.SendMessage(answer("out-3", OTHER, file=shared), metadata=CCM)

    assert (await world.erase()).erased_media == 1

    kept = await asyncio.to_thread(_files_with_canary, world.folder / "media")
    assert [file.name for file in kept] == [shared.rpartition("/")[2]]
    assert await written(world, "own.pdf") == own


async def written(world: World, name: str) -> str:
    """Keeps a file for sending; its link."""
    header = MediaHeader(file_name=name, mime_type="application/pdf")
    frames = [WriteMediaRequest(header=header), WriteMediaRequest(chunk=b"%PDF-1.7 " + f"{name} {CANARY}".encode())]
    response = await MediaServiceStub(world.operators.channel).WriteMedia(iter(frames), metadata=CCM)
    return str(response.media_url)


async def test_it_is_written_down_without_content(world: World) -> None:
    await world.say("hello")
    await world.erase(request_id="r-1")
    await world.erase(request_id="r-1")
    noted = [event for event in await world.operators.audited() if event[1] == "EraseCustomer"]
    assert noted == [("anna", "EraseCustomer", "events: 1; messages: 0; media: 0; quarantine entries: 0")]


@pytest.mark.parametrize(
    ("page_id", "psid", "field"), [("x", PSID, "page_id"), (PAGE, "", "psid"), (PAGE, "7" * 65, "psid")]
)
async def test_whom_it_cannot_be_is_refused(world: World, page_id: str, psid: str, field: str) -> None:
    request = EraseCustomerRequest(page_id=page_id, psid=psid)
    code, info = await refusal(world.operators.operations.EraseCustomer(request, metadata=ANNA))
    assert (code, dict(info.metadata)) == ("INVALID_ARGUMENT", {"field": field})
