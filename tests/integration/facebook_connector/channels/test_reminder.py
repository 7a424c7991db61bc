from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.reminder import INTERVAL_S, remind_of_unsigned
from facebook_connector.channels.rows import new_row
from facebook_connector.channels.seal import Keyring
from facebook_connector.store.channels import add_channel
from facebook_connector.store.database import open_database
from facebook_connector.store.migrate import prepare
from service_runtime.clock import SystemClock


async def test_pages_that_take_unsigned_webhooks_are_named_every_hour(tmp_path: Path) -> None:
    keyring, slept = Keyring.generate(), list[float]()
    rows = [
        new_row(Channel(page_id="1001", allow_unsigned=True), ChannelSecrets(), keyring, 0),
        new_row(Channel(page_id="1002"), ChannelSecrets(), keyring, 0),
    ]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise asyncio.CancelledError

    async with open_database(f"sqlite:///{tmp_path}/connector.db") as database:
        await prepare(database)
        for row in rows:
            await database.write(lambda transaction, row=row: add_channel(transaction, row))  # type: ignore[misc]
        with structlog.testing.capture_logs() as lines:
            reminding = asyncio.create_task(remind_of_unsigned(Directory(database, keyring, SystemClock()), sleep))
            await asyncio.wait([reminding])

    assert slept == [INTERVAL_S, INTERVAL_S]
    assert [line["page_ids"] for line in lines] == [["1001"], ["1001"]]
