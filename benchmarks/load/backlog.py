"""A backlog: events that are stored through the store's own calls, before a server is started on them."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.world import PAGE, channel_of, psid, secrets_of
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.channels.rows import new_row
from facebook_connector.channels.seal import keyring_file
from facebook_connector.delivery.values import EventRecord, MessageRecord
from facebook_connector.settings import DATABASE_FILE, KEY_FILE
from facebook_connector.store.channels import add_channel
from facebook_connector.store.database import open_database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.migrate import migrate

PER_CONVERSATION = 10

BATCH = 500


async def fill(folder: Path, events: int) -> None:
    """A channel and a backlog, ten messages to a conversation, all of a later customer behind those of an earlier."""
    keyring = keyring_file(folder / KEY_FILE)
    row = new_row(channel_of(PAGE), secrets_of(PAGE), keyring, now_ms())
    async with open_database(f"sqlite:///{folder / DATABASE_FILE}") as database:
        await migrate(database)
        await database.write(lambda transaction: add_channel(transaction, row))
        store = EventStore(database)
        for first in range(0, events, BATCH):
            batch = [event(number) for number in range(first, min(first + BATCH, events))]
            await store.ingest(batch, now_ms())


def event(number: int) -> EventRecord:
    """A customer's text message of usual size."""
    mid = f"m_{number}"
    message = CimMessage(id=f"cim-{number}")
    message.header.provider_message_id = mid
    message.header.timestamp.GetCurrentTime()
    message.header.channel_data.service_identifier = PAGE
    message.body.type = "PLAIN"
    message.body.markdown_text = f"Where is my order {number}? I have been waiting for two weeks by now."
    message.body.plain.SetInParent()
    return EventRecord(
        page_id=PAGE,
        psid=psid(number // PER_CONVERSATION),
        kind=inbound_pb2.EVENT_KIND_MESSAGE,
        dedupe_key=f"message:{mid}",
        mid=mid,
        event_time_ms=now_ms(),
        opens_window=True,
        messages=(MessageRecord(cim_id=message.id, message=message.SerializeToString(), context=b""),),
        raw=f'{{"mid":"{mid}","text":"{message.body.markdown_text}"}}'.encode(),
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=1,
    )


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
