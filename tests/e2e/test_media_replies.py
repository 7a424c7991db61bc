"""Files of an agent, from CCM to what the customer sees; the server is killed in the middle of an upload."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from connector_client import ConnectorClient, SendState, text_message
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_SENT, SEND_STATE_UNCERTAIN
from messenger_sandbox import RunningSandbox, Sandbox
from messenger_sandbox.fault_script import Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.channels import ANA, PAGE_ID, add_channel, sandbox_config
from tests.support.processes import Connector, connector_processes

pytestmark = pytest.mark.e2e

PATIENCE_S = 60
PICTURE = MEDIA_ROWS["jpeg"].build(b"parcel") + bytes(2_000_000)


@asynccontextmanager
async def installation(folder: Path) -> AsyncIterator[tuple[RunningSandbox, Connector]]:
    """Facebook, where somebody has just written to the page, and the processes of a connector."""
    async with (
        Sandbox(sandbox_config()).serve() as facebook,
        connector_processes(folder, facebook.base_url) as connector,
    ):
        await add_channel(connector.server_address)
        facebook.person(ANA).says("Where is my parcel?")
        yield facebook, connector


async def picture(client: ConnectorClient, caption: str = "") -> CimMessage:
    written = await client.write_media(PICTURE, file_name="parcel.jpg")
    message = text_message(PAGE_ID, ANA, "")
    message.body.Clear()
    message.body.type = "IMAGE"
    message.body.image.attachment.media_url = written.media_url
    message.body.image.caption = caption
    return message


def upload_takes(facebook: RunningSandbox, seconds: float) -> None:
    fault = replace(FAULTS["slow"], delay_s=seconds)
    facebook.script_fault(ScriptedFault(name="slow", fault=fault, endpoint=Endpoint.UPLOADS))


def seen(facebook: RunningSandbox) -> list[str]:
    """What the customer saw: texts, and of media the digests."""
    taken = facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
    return [entry.details.get("text") or entry.details["media"][0]["sha256"] for entry in taken]


async def test_picture_caption_and_the_next_message_arrive_whole_and_in_order(tmp_path: Path) -> None:
    async with installation(tmp_path) as (facebook, connector), ConnectorClient(connector.server_address) as client:
        upload_takes(facebook, 1)
        await client.send(await picture(client, "It left today."), wait=0)
        answer = await client.send(text_message(PAGE_ID, ANA, "Anything else?"), wait=PATIENCE_S)
        assert SendState(answer.state) is SendState.SENT
        assert seen(facebook) == [sha256(PICTURE).hexdigest(), "It left today.", "Anything else?"]


async def test_a_kill_in_the_middle_of_an_upload_leaves_nothing_uncertain(tmp_path: Path) -> None:
    async with installation(tmp_path) as (facebook, connector), ConnectorClient(connector.server_address) as client:
        upload_takes(facebook, 30)
        message = await picture(client)
        await client.send(message, wait=0)
        async with asyncio.timeout(PATIENCE_S):
            while facebook.state.faults.waiting:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
        await connector.server.kill()
        await connector.start_server()
        answer = await client.send(message, wait=PATIENCE_S, timeout=2 * PATIENCE_S)
        found = await client.get_message(message.id)

    assert answer.state == SEND_STATE_SENT
    assert SEND_STATE_UNCERTAIN not in {entry.state for entry in found.history}
    assert seen(facebook) == [sha256(PICTURE).hexdigest()]
