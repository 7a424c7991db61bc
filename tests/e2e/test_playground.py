from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from connector_cli.sandbox import PAGE_ID
from tests.support.ccm_stand_in import reply_to, stand_in_ccm
from tests.support.processes import free_port
from tests.support.terminal import PATIENCE_S, Terminal, read_until

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True)
class Playground:
    """What `up --sandbox` announced, and a terminal beside it."""

    told: str
    acts: str
    """Where Amina acts."""
    terminal: Terminal
    process: asyncio.subprocess.Process

    @property
    def psid(self) -> str:
        return self.acts.rpartition("/")[2]

    async def does(self, act: str, **body: str | bool) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{self.acts}/{act}", json={"wait": True, **body})
        assert answer.json()["outcome"] == "delivered"


@asynccontextmanager
async def playground(terminal: Terminal, **settings: str) -> AsyncIterator[Playground]:
    server, gateway = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    beside = terminal.having(FBC_LISTEN=server, FBC_GATEWAY_LISTEN=gateway, **settings)
    async with beside.started("up", "--sandbox", "--sandbox-listen", "127.0.0.1:0") as process:
        told = await read_until(process.stdout, "Ctrl-C ends it")
        found = re.search(r"(http://\S+/_sandbox/people/\d+)/says", told)
        assert found is not None, told
        yield Playground(told, found[1], terminal.having(FBC_SERVER=server), process)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, {})


async def test_one_command_takes_a_newcomer_all_the_way_and_back(terminal: Terminal) -> None:
    async with playground(terminal) as place, httpx.AsyncClient(trust_env=False) as client:
        await place.does("says", text="hello 👋")
        await place.does("sends_image")
        tail = await place.terminal.run("tail", "--ack", "--json", "--limit", "2")
        text, image = [json.loads(line)["message"] for line in tail.out.splitlines()]
        picture = await client.get(image["body"]["attachment"]["mediaUrl"])
        sent = await place.terminal.run("send", PAGE_ID, place.psid, "--text", "Hello Amina")
        seen = await client.get(f"{place.acts}/seen")

    assert text["body"]["markdownText"] == "hello 👋"
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert sent.status == 0
    assert seen.json()["seen"] == ["Hello Amina"]


async def test_a_second_start_finds_its_page_again(terminal: Terminal) -> None:
    for _ in range(2):
        async with playground(terminal) as place:
            await place.does("says", text="hello")
            place.process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(place.process.wait(), PATIENCE_S) == 0


async def test_it_joins_them_with_the_tokens_that_are_set(terminal: Terminal) -> None:
    tokens = {"FBC_OPERATOR_TOKENS": "operator", "FBC_GATEWAY_TOKENS": "gateway", "FBC_CCM_TOKENS": "ccm"}
    async with playground(terminal, **tokens) as place:
        await place.does("says", text="hello")


async def test_a_ccm_that_speaks_rest_needs_its_address_and_nothing_else(terminal: Terminal) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with stand_in_ccm() as ccm:
        # As the Helm chart of an installation sets it.
        settings = {"CCM_URL": f"{ccm.url}/message/receive", "FBC_BRIDGE_LISTEN": listen}
        async with playground(
            terminal, FBC_CCM_TOKENS="c", FBC_GATEWAY_TOKENS="g", FBC_OPERATOR_TOKENS="o", **settings
        ) as place:
            ccm.provider_webhook = f"http://{listen}"
            await place.does("says", text="hello 👋")
            (received,) = await ccm.has_taken(1)
            answer = await ccm.sends(reply_to(received, "Hello Amina"))
            async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE_S):
                while "Hello Amina" not in (await client.get(f"{place.acts}/seen")).text:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)

    assert f"bridge    http://{listen}" in place.told
    assert received["body"]["markdownText"] == "hello 👋"
    assert answer.status_code == 200
