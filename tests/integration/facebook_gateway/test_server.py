from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from facebook_gateway import key_cache, server_link
from facebook_gateway.ingest_queue import BATCH_BYTES, BATCH_ITEMS
from tests.integration.facebook_gateway.conftest import Edge, Edges
from tests.support.ingest_recorder import IngestRecorder, recording_server
from tests.support.webhook_bodies import PSID, SECRET, text_item, webhook


async def test_one_call_at_a_time_takes_all_that_came_meanwhile(edge: Edge) -> None:
    recorder = edge.recorder
    recorder.open.clear()
    first = asyncio.create_task(edge.post(webhook(text_item("m_0"))))
    await recorder.arrived.wait()
    others = [asyncio.create_task(edge.post(webhook(text_item(f"m_{number}")))) for number in range(1, 60)]
    await asyncio.sleep(0.3)  # long enough for them to queue; if some come later, the test is only weaker
    recorder.open.set()

    answers = await asyncio.gather(first, *others)

    assert {answer.status_code for answer in answers} == {200}
    assert recorder.most_at_once == 1
    assert len(recorder.batches) < 10
    assert len(recorder.events) == 60


async def test_batches_keep_within_what_the_server_expects(edge: Edge) -> None:
    body = webhook(*(text_item(f"m_{number}", "x" * 4000, psid=f"{PSID}{number}") for number in range(600)))

    assert (await edge.post(body)).status_code == 200

    assert len(edge.recorder.events) == 600
    for batch in edge.recorder.batches:
        assert len(batch) <= BATCH_ITEMS
        assert sum(item.ByteSize() for item in batch) <= BATCH_BYTES


async def test_the_token_goes_with_every_call(edges: Edges, recorder: IngestRecorder) -> None:
    edge = await edges.start(recorder, server_token="canary-token")

    await edge.post(webhook(text_item("m_1")))

    assert set(recorder.authorizations) == {"Bearer canary-token"}
    assert len(recorder.authorizations) >= 2


@pytest.mark.parametrize("status", sorted(server_link.TRANSIENT, key=str), ids=str)
async def test_a_server_that_cannot_store_makes_facebook_come_again(edge: Edge, status: grpc.StatusCode) -> None:
    edge.recorder.refuse = status
    assert (await edge.post(webhook(text_item("m_1")))).status_code == 503

    edge.recorder.refuse = None
    assert (await edge.post(webhook(text_item("m_1")))).status_code == 200


@pytest.mark.parametrize("status", sorted(server_link.TOKEN_REFUSED, key=str), ids=str)
async def test_a_refused_token_is_named(edge: Edge, status: grpc.StatusCode) -> None:
    edge.recorder.refuse = status

    with capture_logs() as lines:
        await edge.post(webhook(text_item("m_1")))

    assert {
        "component": "gateway.server",
        "log_level": "error",
        "event": "FBC_SERVER_TOKEN is not one of the server's gateway tokens",
        "call": "IngestInbound",
        "status": status.name,
    } in lines


async def test_an_item_on_which_the_server_fails_is_stored_as_bytes_and_stops_no_other(edge: Edge) -> None:
    edge.recorder.refuse_item = "mid:m_3"

    with capture_logs() as lines:
        answer = await edge.post(webhook(*(text_item(f"m_{number}") for number in range(7))))

    assert answer.status_code == 200
    assert [event.dedupe_key for event in edge.recorder.events] == [f"mid:m_{number}" for number in (0, 1, 2, 4, 5, 6)]
    (item,) = edge.recorder.quarantined
    assert item.reason == "UNTRANSLATABLE"
    assert b"m_3" in item.raw
    assert any(line.get("alarm") for line in lines)


async def test_an_outcome_of_a_newer_server_is_an_outcome(edge: Edge) -> None:
    edge.recorder.new_outcome = 99

    assert (await edge.post(webhook(text_item("m_1")))).status_code == 200


async def test_without_a_server_webhooks_and_handshakes_are_put_off(
    edges: Edges, recorder: IngestRecorder, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(server_link, "KEYS_TIMEOUT_S", 0.1)
    edge = await edges.start_gateway(recorder, server=f"127.0.0.1:{unused_tcp_port}")

    answer = await edge.post(webhook(text_item("m_1")))
    handshake = await edge.client.get("/webhook?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1")

    assert (answer.status_code, handshake.status_code) == (503, 503)
    assert (await edge.client.get("/healthz")).status_code == 200
    assert (await edge.client.get("/readyz")).status_code == 503


async def test_a_server_that_goes_and_comes_back_is_found(
    edges: Edges, recorder: IngestRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_link, "CALL_TIMEOUT_S", 0.2)
    async with recording_server(recorder) as address:
        edge = await edges.start_gateway(recorder, server=address)
        assert (await edge.post(webhook(text_item("m_1")))).status_code == 200
        await edge.until_readiness(200)
    await edge.until_readiness(503)
    assert (await edge.post(webhook(text_item("m_2")))).status_code == 503
    monkeypatch.setattr(server_link, "CALL_TIMEOUT_S", 4.0)
    async with recording_server(recorder, address):
        assert (await edge.post(webhook(text_item("m_2")))).status_code == 200
        await edge.until_readiness(200)


async def test_readiness_follows_what_the_server_says_of_itself(edge: Edge, recorder: IngestRecorder) -> None:
    await edge.until_readiness(200)
    await recorder.tell_health(serving=False)
    await edge.until_readiness(503)
    await recorder.tell_health(serving=True)
    await edge.until_readiness(200)


async def test_keys_are_read_again_by_themselves(edges: Edges, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cache, "REFRESH_S", 0.01)
    monkeypatch.setattr(key_cache, "BETWEEN_READS_S", 0.01)
    recorder = IngestRecorder()
    await edges.start(recorder)

    await recorder.read_often.wait()


async def test_no_line_of_the_log_tells_a_secret_or_a_text(
    edges: Edges, recorder: IngestRecorder, tmp_path: Path
) -> None:
    with capture_logs() as lines:
        edge = await edges.start(recorder, server_token="canary-token")
        await edge.post(webhook(text_item("m_1", "canary-text")))
        await edge.post(webhook(text_item("m_1", "canary-text")), {"X-Hub-Signature-256": "sha256=canary-signature"})
        await edge.client.get("/webhook?hub.mode=subscribe&hub.verify_token=canary-guess&hub.challenge=canary-1")
        edge.recorder.refuse = grpc.StatusCode.UNAVAILABLE
        await edge.post(webhook(text_item("m_2", "canary-text")))

    assert SECRET.startswith("canary")
    assert len(lines) >= 4
    assert "canary" not in str(lines)
