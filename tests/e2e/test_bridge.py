"""The bridge as a real process: alone and killed, beside the gateway, on one port with it, and while CCM is away.

`OUTAGE_SECONDS` keeps CCM away for longer than a test run has time for.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import httpx
import pytest

from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from tests.support.ccm_stand_in import Message, StandInCcm, reply_to, stand_in_ccm
from tests.support.channels import ANA, BEN, add_channel, sandbox_config
from tests.support.processes import Command, Connector, connector_processes, free_port, is_ready

OUTAGE_S = float(os.environ.get("OUTAGE_SECONDS", "2.5"))
BETWEEN_MESSAGES_S = 0.25

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240 + OUTAGE_S)]

KILLS = 4
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    connector: Connector
    ccm: StandInCcm


@asynccontextmanager
async def place(folder: Path, **gateway: str) -> AsyncIterator[Place]:
    """Server and gateway as processes; `gateway` holds more settings of the gateway."""
    async with (
        Sandbox(sandbox_config()).serve() as facebook,
        stand_in_ccm() as ccm,
        connector_processes(folder, facebook.base_url) as connector,
    ):
        await add_channel(connector.server_address)
        if gateway:
            await connector.gateway.kill()
            told = {**connector.gateway.settings, "ccm_url": f"{ccm.url}/message/receive", **gateway}
            connector.gateway.settings = told
            await connector.start_gateway()
        await facebook.handshake(connector.webhook_url)
        yield Place(facebook, connector, ccm)


@asynccontextmanager
async def bridge(place: Place, folder: Path) -> AsyncIterator[Command]:
    listen = f"127.0.0.1:{free_port()}"
    told = {"ccm_url": place.ccm.url, "server": place.connector.server_address, "bridge_listen": listen}
    command = Command("bridge", told, folder)
    await command.start()
    place.ccm.provider_webhook = f"http://{listen}"
    try:
        await is_ready(listen)
        yield command
    finally:
        if command.process is not None:
            await command.kill()


async def there_and_back(place: Place) -> None:
    ana = place.facebook.person(ANA)
    assert await ana.says("Where is my parcel?") is Outcome.DELIVERED
    (received,) = await place.ccm.has_taken(1)
    assert (await place.ccm.sends(reply_to(received, "It left this morning."))).status_code == 200
    await place.facebook.journal.wait_for(lambda entry: entry.kind.name == "SEND_TAKEN")
    (sent,) = place.facebook.world.conversation(ANA).sent_by_page()
    assert ana.saw == ("It left this morning.",)
    assert sent.content["reply_to"]["mid"] == received["header"]["providerMessageId"]


async def test_a_bridge_of_its_own_relays_and_ends_when_told(tmp_path: Path) -> None:
    async with place(tmp_path) as there, bridge(there, tmp_path) as command:
        await there_and_back(there)

        assert await asyncio.wait_for(command.stop(), 10) == 0


async def test_with_ccms_address_the_gateway_relays_too(tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with place(tmp_path, bridge_listen=listen) as there:
        there.ccm.provider_webhook = f"http://{listen}"
        await there_and_back(there)

        assert await asyncio.wait_for(there.connector.gateway.stop(), 10) == 0


async def test_gateway_and_bridge_can_share_a_port(tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with place(tmp_path, gateway_listen=listen, bridge_listen=listen) as there:
        there.ccm.provider_webhook = f"http://{listen}"
        await there_and_back(there)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://{listen}/bridge/readyz")).text == "ready"


async def test_without_ccms_address_there_is_no_bridge_and_the_command_says_what_it_needs(tmp_path: Path) -> None:
    async with place(tmp_path) as there:
        gateway = there.connector.gateway.settings["gateway_listen"]
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"http://{gateway}/cim-messages", content=b"{}")).status_code == 404
    command = Command("bridge", {}, tmp_path)
    await command.start()
    assert command.process is not None
    assert await asyncio.wait_for(command.process.wait(), 20) == 1
    assert "FBC_CCM_URL" in command.log


async def test_what_customers_write_while_ccm_is_away_comes_once_and_in_order(tmp_path: Path) -> None:
    said: dict[str, list[str]] = {ANA: [], BEN: []}
    async with place(tmp_path) as there, bridge(there, tmp_path):
        await there_and_back(there)
        already = len(there.ccm.of("PLAIN"))
        await there.ccm.go_down()
        for number in range(int(OUTAGE_S / BETWEEN_MESSAGES_S)):
            for psid, texts in said.items():
                texts.append(f"message {number}")
                assert await there.facebook.person(psid).says(texts[-1]) is Outcome.DELIVERED
            await asyncio.sleep(BETWEEN_MESSAGES_S)
        assert len(there.ccm.of("PLAIN")) == already
        await there.ccm.come_up()
        count = already + sum(map(len, said.values()))
        came = (await there.ccm.has_taken(count, within_s=180, body_type="PLAIN"))[already:]
        assert (await there.ccm.sends(reply_to(came[-1], "Thank you for waiting."))).status_code == 200
        await there.facebook.journal.wait_for(lambda entry: "Thank you for waiting." in str(entry))

    assert {psid: texts_of(came, psid) for psid in said} == said


def texts_of(messages: list[Message], psid: str) -> list[str]:
    """What a customer wrote, in the order in which it came to CCM, each as often as it came."""
    channels = [(message["header"]["channelData"]["channelCustomerIdentifier"], message) for message in messages]
    return [message["body"]["markdownText"] for customer, message in channels if customer == psid]


async def test_a_bridge_that_is_killed_again_and_again_loses_nothing_and_overtakes_nothing(tmp_path: Path) -> None:
    async with place(tmp_path) as there, bridge(there, tmp_path) as command:
        said: dict[str, list[str]] = defaultdict(list)
        for number in range(ROUNDS):
            for psid in (ANA, BEN):
                said[psid].append(f"message {number}")
                assert await there.facebook.person(psid).says(said[psid][-1]) is Outcome.DELIVERED
            if number % (ROUNDS // KILLS) == 0:
                # In CCM's hands, without an answer: the kill comes in mid-post.
                there.ccm.speaks.clear()
                async with asyncio.timeout(60):
                    while not there.ccm.waiting:  # noqa: ASYNC110 - another process has no event to wait for
                        await asyncio.sleep(0.02)
                await command.kill()
                there.ccm.speaks.set()
                await command.start()
        async with asyncio.timeout(90):
            while {psid: posted(there.ccm, psid) for psid in said} != said:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.05)

    assert len(there.ccm.taken) > 2 * ROUNDS, "no kill came in mid-post, so nothing was proved"


def posted(ccm: StandInCcm, psid: str) -> list[str]:
    """What CCM got of a customer, a message that came several times in a row once."""
    calls = [call for call in ccm.calls if call.key.endswith(f"/{psid}")]
    return [next(group).message["body"]["markdownText"] for _, group in groupby(calls, lambda call: call.message["id"])]
