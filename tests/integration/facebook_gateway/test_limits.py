from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from facebook_gateway import server_link, webhook
from tests.integration.facebook_gateway.conftest import Edge, Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import signed, text_item
from tests.support.webhook_bodies import webhook as webhook_of

LIMIT = 64 * 1024


@pytest.fixture
async def small(edges: Edges, recorder: IngestRecorder) -> Edge:
    return await edges.start(recorder, max_body_bytes=LIMIT)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 8192):
        yield body[start : start + 8192]


async def test_a_body_of_the_greatest_length_is_taken(small: Edge) -> None:
    body = webhook_of(text_item("m_1"))
    body += b" " * (LIMIT - len(body))

    assert (await small.post(body)).status_code == 200


async def test_a_longer_body_is_refused_with_an_alarm(small: Edge) -> None:
    with capture_logs() as lines:
        answer = await small.post(b" " * (LIMIT + 1))

    assert answer.status_code == 413
    assert [(line["log_level"], line["limit"]) for line in lines if line.get("alarm")] == [("error", LIMIT)]


async def test_a_longer_body_of_unknown_length_is_refused_too(small: Edge) -> None:
    body = b" " * (LIMIT * 10)

    answer = await small.client.post("/webhook", content=_chunks(body), headers=signed(body))

    assert answer.status_code == 413


async def test_what_does_not_fit_into_the_queue_is_put_off(edges: Edges, recorder: IngestRecorder) -> None:
    edge = await edges.start(recorder, ingest_queue_bytes=1024 * 1024)
    recorder.open.clear()
    long = webhook_of(*(text_item(f"m_{number}", "x" * 2000) for number in range(400)))
    first = asyncio.create_task(edge.post(long))
    await recorder.arrived.wait()

    assert (await edge.post(long)).status_code == 503
    recorder.open.set()
    assert (await first).status_code == 200
    assert (await edge.post(long)).status_code == 200


async def test_a_server_that_takes_too_long_is_not_waited_for(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "ANSWER_WITHIN_S", 0.2)
    edge.recorder.open.clear()

    async with asyncio.timeout(server_link.CALL_TIMEOUT_S / 2):
        assert (await edge.post(webhook_of(text_item("m_1")))).status_code == 503
    edge.recorder.open.set()
