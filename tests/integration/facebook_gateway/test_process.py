from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.ingest_recorder import IngestRecorder, recording_server
from tests.support.webhook_bodies import signed, text_item, webhook

RUN = "from facebook_gateway.app import run; from facebook_gateway.settings import GatewaySettings as S; run(S.load())"


@asynccontextmanager
async def _process(folder: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {"PATH": "", **{f"FBC_{name.upper()}": value for name, value in settings.items()}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, cwd=folder, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process, event: str) -> dict[str, str]:
    assert process.stderr is not None
    async for line in process.stderr:
        told: dict[str, str] = json.loads(line)
        if told["event"] == event:
            return told
    raise AssertionError(f"the process ended without saying {event!r}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_webhook_in_flight_is_finished_before_the_process_ends(
    tmp_path: Path, recorder: IngestRecorder, number: signal.Signals
) -> None:
    recorder.open.clear()
    async with (
        recording_server(recorder) as server,
        _process(tmp_path, server=server, gateway_listen="127.0.0.1:0") as process,
    ):
        address = (await _line(process, "gateway takes webhooks"))["address"]
        body = webhook(text_item("m_1"))
        async with httpx.AsyncClient(base_url=f"http://{address}") as client:
            post = asyncio.create_task(client.post("/webhook", content=body, headers=signed(body)))
            await recorder.arrived.wait()
            process.send_signal(number)
            await _line(process, "gateway stops")
            recorder.open.set()

            assert (await post).status_code == 200
        assert await process.wait() == 0
