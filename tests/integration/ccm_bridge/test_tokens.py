"""A server with tokens: what the bridge needs, what it says if it has less, and that none shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ccm_bridge.app import RunningBridge, running_bridge
from ccm_bridge.settings import BridgeSettings
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from tests.support.ccm_stand_in import StandInCcm, agent_message, stand_in_ccm
from tests.support.channels import ANA, PAGE_ID, add_channel
from tests.support.processes import free_port

CCM, OPERATOR, OURS = "canary-ccm", "canary-operator", "canary-bridge"


@asynccontextmanager
async def bridge(folder: Path, ccm: StandInCcm, **settings: Any) -> AsyncIterator[RunningBridge]:
    server = ServerSettings.load(
        listen="127.0.0.1:0",
        data_dir=folder,
        ccm_tokens=CCM,
        operator_tokens=OPERATOR,
        graph_url=f"http://127.0.0.1:{free_port()}",
    )
    async with running_server(server) as running:
        await add_channel(str(running.address), token=OPERATOR)
        told = BridgeSettings.load(
            **{"ccm_url": ccm.url, "server": str(running.address), "bridge_listen": "127.0.0.1:0", **settings}
        )
        async with running_bridge(told, grace_s=1) as bridging:
            ccm.provider_webhook = bridging.url
            yield bridging


@pytest.fixture
async def ccm() -> AsyncIterator[StandInCcm]:
    async with stand_in_ccm() as running:
        yield running


async def readiness(bridging: RunningBridge, status: int, words: str = "") -> str:
    """What `/readyz` says once it has the status and the words."""
    async with httpx.AsyncClient() as client, asyncio.timeout(20):
        while True:
            answer = await client.get(f"{bridging.url}/readyz")
            if answer.status_code == status and words in answer.text:
                return answer.text
            await asyncio.sleep(0.05)


def message() -> dict[str, Any]:
    return agent_message(PAGE_ID, ANA, {"type": "PLAIN", "markdownText": "Hello"})


async def test_with_its_tokens_it_makes_its_subscription_and_takes_messages(tmp_path: Path, ccm: StandInCcm) -> None:
    tokens = {"bridge_server_token": CCM, "bridge_operator_token": OPERATOR}
    async with bridge(tmp_path, ccm, bridge_subscription="rest", **tokens) as bridging:
        assert await readiness(bridging, 200) == "ready"
        assert (await ccm.sends(message())).status_code == 200


async def test_without_the_operators_token_it_says_what_is_missing(tmp_path: Path, ccm: StandInCcm) -> None:
    async with bridge(tmp_path, ccm, bridge_subscription="rest", bridge_server_token=CCM) as bridging:
        said = await readiness(bridging, 503, "SUBSCRIPTION_NOT_FOUND")

    assert "FBC_BRIDGE_OPERATOR_TOKEN" in said


@pytest.mark.parametrize(("token", "reason"), [("", "TOKEN_MISSING"), ("canary-wrong", "TOKEN_INVALID")])
async def test_a_wrong_token_is_told_to_the_operator_and_to_ccm_as_come_again(
    tmp_path: Path, ccm: StandInCcm, token: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with bridge(tmp_path, ccm, bridge_server_token=token, bridge_token=OURS) as bridging:
        said = await readiness(bridging, 503, reason)
        answer = await ccm.sends(message(), authorization=f"Bearer {OURS}")
        refused = await ccm.sends(message(), authorization="Bearer canary-other")

    assert "FBC_BRIDGE_SERVER_TOKEN" in said
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert refused.status_code == 401
    told = "".join(capsys.readouterr()) + answer.text + refused.text + said
    assert "canary" not in told
