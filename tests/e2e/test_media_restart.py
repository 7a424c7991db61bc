"""The server is killed in the middle of many downloads; afterwards every medium is there, and none twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from connector_client import ConnectorClient, Received
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_STORED
from tests.support.channels import APP_SECRET, PAGE_ID, add_channel
from tests.support.file_engine import running_file_engine
from tests.support.media_host import PNG, MediaHost, running_media_host
from tests.support.processes import Connector, connector_processes
from tests.support.webhook_bodies import TIME, signed, text_item, webhook

pytestmark = pytest.mark.e2e

PATIENCE_S = 60
MEDIA = 200
WORKERS = 16


async def test_a_kill_in_the_middle_of_200_downloads_loses_none_and_keeps_none_twice(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running_media_host() as host:
        # Every second host is slow: some media are stored, some are under way, most are still to be begun.
        sources = [
            host.gives(f"/{number}.png", content(number), after=gate if number % 2 else None) for number in range(MEDIA)
        ]
        async with connector_processes(
            tmp_path, "http://127.0.0.1:1", media_origins=host.origin, media_workers=str(WORKERS)
        ) as connector:
            await add_channel(connector.server_address)
            await customers_send(connector, sources)
            await all_workers_wait(host)
            await connector.server.kill()
            stored_before = set(stored(tmp_path))
            gate.set()
            await connector.start_server()
            received = await messages(connector)
            links = {psid_of(each): each.message.body.image.attachment.media_url for each in received}
            bytes_behind = [await opened(links[psid]) for psid in map(str, range(MEDIA))]

    assert 0 < len(stored_before) < MEDIA
    assert Counter(map(psid_of, received)) == Counter(map(str, range(MEDIA)))
    assert {each.context.media.state for each in received} == {MEDIA_STATE_STORED}
    assert bytes_behind == [content(number) for number in range(MEDIA)]
    assert stored_before < set(stored(tmp_path))
    assert len(stored(tmp_path)) == MEDIA
    asked = Counter(host.requests)
    assert set(asked) == {f"/{number}.png" for number in range(MEDIA)}
    assert sum(asked.values()) <= MEDIA + 2 * WORKERS, "only what was under way is fetched again"


async def test_a_kill_in_the_middle_of_uploads_leaves_one_file_of_each_in_the_file_engine(tmp_path: Path) -> None:
    async with running_media_host() as host, running_file_engine() as engine:
        engine.gate = asyncio.Event()
        sources = [host.gives(f"/{number}.png", content(number)) for number in range(MEDIA)]
        async with connector_processes(
            tmp_path,
            "http://127.0.0.1:1",
            media_origins=host.origin,
            media_workers=str(WORKERS),
            file_engine_url=engine.url,
            file_engine_public_url=engine.public_url,
        ) as connector:
            await add_channel(connector.server_address)
            await customers_send(connector, sources)
            async with asyncio.timeout(PATIENCE_S):
                while len(engine.uploads) < WORKERS:  # noqa: ASYNC110 - what it holds is not told to anybody
                    await asyncio.sleep(0.01)
            await connector.server.kill()
            engine.gate.set()
            await connector.start_server()
            received = await messages(connector)

    attachments = {psid_of(each): each.message.body.image.attachment for each in received}
    assert {each.context.media.state for each in received} == {MEDIA_STATE_STORED}
    assert [engine.files[attachments[psid].media_name].data for psid in map(str, range(MEDIA))] == [
        content(number) for number in range(MEDIA)
    ]
    assert len(engine.files) == MEDIA
    uploads = Counter(engine.uploads)
    assert sum(uploads.values()) == MEDIA + WORKERS, "what was under way is uploaded again, and nothing else"


def content(number: int) -> bytes:
    return PNG + str(number).encode()


async def customers_send(connector: Connector, sources: list[str]) -> None:
    items = []
    for number, source in enumerate(sources):
        item = text_item(f"m_{number}", psid=str(number), page=PAGE_ID, time=TIME + number)
        item["message"] = {"mid": f"m_{number}", "attachments": [{"type": "image", "payload": {"url": source}}]}
        items.append(item)
    body = webhook(*items, page=PAGE_ID)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as facebook:
        answer = await facebook.post(connector.webhook_url, content=body, headers=signed(body, APP_SECRET))
    assert answer.status_code == 200


async def all_workers_wait(host: MediaHost) -> None:
    """For slow media: what was quick and claimed before them is stored by then."""
    async with asyncio.timeout(PATIENCE_S):
        while sum(int(path[1:-4]) % 2 for path in host.requests) < WORKERS:  # noqa: ASYNC110 - what the host sees is not told to anybody
            await asyncio.sleep(0.01)


async def messages(connector: Connector) -> list[Received]:
    found = []
    async with ConnectorClient(connector.server_address) as ccm, asyncio.timeout(PATIENCE_S):
        async for received in ccm.inbound("ccm"):
            found.append(received)
            acknowledged = received.ack()
            if len(found) == MEDIA:
                await acknowledged
                return found
    raise AssertionError("the stream ended")


def psid_of(received: Received) -> str:
    return received.message.header.channel_data.channel_customer_identifier


async def opened(link: str) -> bytes:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        answer = await browser.get(link)
    assert answer.status_code == 200
    return answer.content


def stored(folder: Path) -> list[str]:
    """The names of the files in which media are kept, whole."""
    return [path.name for path in (folder / "data" / "media").rglob("*") if path.is_file() and "#" not in path.name]
