"""Where today's connector runs: CCM's address is all that is set, and everything else stands in Unified Admin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ccm_bridge.settings import BridgeSettings
from connector_cli.edge import running_edge
from connector_client import ConnectorClient
from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_STOPPED
from expertflow.connector.v1.channel_service_pb2 import GetChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from facebook_gateway.settings import GatewaySettings
from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from tests.support.ccm_stand_in import StandInCcm, agent_message, reply_to, stand_in_ccm
from tests.support.channels import ANA, APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN, sandbox_config

UNIFIED_ADMIN = {
    "FACEBOOK-HOST-URL": "https://graph.facebook.com/v15.0/",
    "FACEBOOK-API-KEY": PAGE_TOKEN,
    "FACEBOOK-PAGE-ACCESS-TOKEN": VERIFY_TOKEN,
    "FACEBOOK-APP-SECRET": APP_SECRET,
    "FACEBOOK-APP-ID": APP_ID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    facebook: RunningSandbox
    ccm: StandInCcm
    server: str
    callback: str
    """The webhook's address as it is registered with Facebook, without the page's id."""

    async def until_stopped(self) -> None:
        """Waits until Facebook's refusal has stopped the channel."""
        async with ConnectorClient(self.server) as client, asyncio.timeout(20):
            stub, request = ChannelServiceStub(client.connection.channel), GetChannelRequest(page_id=PAGE_ID)
            while (await client.connection.call(stub.GetChannel, request)).channel.state != CHANNEL_STATE_STOPPED:  # noqa: ASYNC110 - a call has no event to wait for
                await asyncio.sleep(0.02)

    async def saw(self, *texts: str) -> None:
        """Waits until the customer has seen exactly these."""
        sees = self.facebook.person(ANA)
        await self.facebook.journal.wait_for(lambda _: len(sees.saw) >= len(texts))
        assert sees.saw == texts


@pytest.fixture
async def installation(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    monkeypatch.chdir(tmp_path)
    async with Sandbox(sandbox_config()).serve() as facebook, stand_in_ccm() as ccm:
        ccm.configurations = {PAGE_ID: UNIFIED_ADMIN}
        settings = ServerSettings.load(
            listen="127.0.0.1:0",
            data_dir=tmp_path,
            database_url=database_url,
            secret_keys="k1:" + "A" * 43 + "=",
            graph_url=facebook.base_url,
        )
        async with running_server(settings) as server:
            address = str(server.address)
            monkeypatch.setenv("CCM_URL", f"{ccm.url}/message/receive")
            monkeypatch.setenv("TZ", "Asia/Karachi")
            gateway = GatewaySettings.load(gateway_listen="127.0.0.1:0", server=address)
            bridge = BridgeSettings.load(bridge_listen="127.0.0.1:00", server=address)
            async with running_edge(gateway, bridge, grace_s=1) as edge:
                ccm.provider_webhook = edge.bridge_url
                callback = f"{edge.gateway_url}/facebook-connector/webhook"
                yield Installation(facebook=facebook, ccm=ccm, server=address, callback=callback)


async def test_a_page_that_only_ccm_knows_is_served_from_the_first_webhook_on(installation: Installation) -> None:
    facebook, ccm = installation.facebook, installation.ccm

    assert (await facebook.handshake(f"{installation.callback}/{PAGE_ID}")).verified
    assert await facebook.person(ANA).says("Where is my parcel?") is Outcome.DELIVERED
    (received,) = await ccm.has_taken(1)
    assert (await ccm.sends(reply_to(received, "It left the depot."))).status_code == 200

    await installation.saw("It left the depot.")


async def test_a_page_that_only_ccm_knows_is_served_from_the_first_reply_on(installation: Installation) -> None:
    await installation.facebook.person(ANA).says("written before the switch")
    reply = agent_message(PAGE_ID, ANA, {"type": "PLAIN", "markdownText": "Good morning"})

    assert (await installation.ccm.sends(reply, tenantid="acme")).status_code == 200

    await installation.saw("Good morning")
    assert installation.ccm.asked == [(PAGE_ID, "acme")]


async def test_a_page_that_ccm_does_not_know_either_is_unknown(installation: Installation) -> None:
    reply = agent_message("999", ANA, {"type": "PLAIN", "markdownText": "Good morning"})

    answers = [await installation.ccm.sends(reply) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [page for page, _ in installation.ccm.asked] == ["999"]


async def test_a_new_page_token_from_ccm_lets_the_waiting_replies_out(installation: Installation) -> None:
    facebook, ccm = installation.facebook, installation.ccm
    await facebook.person(ANA).says("written before the switch")
    await ccm.pushes(PAGE_ID, UNIFIED_ADMIN)
    facebook.world.change_page(PAGE_ID, token="EAAcanaryNewToken")
    texts = [f"reply {number}" for number in range(3)]
    for text in texts:
        reply: dict[str, Any] = agent_message(PAGE_ID, ANA, {"type": "PLAIN", "markdownText": text})
        assert (await ccm.sends(reply)).status_code == 200
    await facebook.journal.wait_for(lambda entry: entry.kind.name == "SEND_ANSWERED" and entry.details["code"] == 190)
    await installation.until_stopped()
    assert facebook.person(ANA).saw == ()

    answer = await ccm.pushes(PAGE_ID, {**UNIFIED_ADMIN, "FACEBOOK-API-KEY": "EAAcanaryNewToken"})

    (told,) = answer.json()["configurations"]
    assert (told["channel"], told["resumed"], told["state"], told["toDo"]) == ("updated", True, "ACTIVE", [])
    await installation.saw(*texts)
