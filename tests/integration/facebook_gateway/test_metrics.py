from __future__ import annotations

import grpc
import pytest

from facebook_gateway import server_link
from tests.integration.facebook_gateway.conftest import VERIFY_TOKEN, Edge, Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import signed, text_item, webhook


async def shown(edge: Edge) -> list[str]:
    return (await edge.client.get(f"http://{edge.gateway.metrics_address}/metrics")).text.splitlines()


async def test_webhooks_and_what_is_in_them_are_counted(
    edges: Edges, recorder: IngestRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_link, "CALL_TIMEOUT_S", 2.0)
    edge = await edges.start(recorder, gateway_metrics_listen="127.0.0.1:0")
    await edge.until_readiness(200)
    body = webhook(text_item("m_1"))
    await edge.post(body)
    await edge.post(body)
    await edge.post(b"no JSON", signed(b"no JSON"))
    await edge.post(body, {})
    await edge.client.get(f"/webhook?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=1")
    await edge.client.get("/webhook?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1")
    await edge.client.get("/media/..")
    await edge.client.get("/media/!")
    recorder.refuse = grpc.StatusCode.UNAVAILABLE
    await edge.post(webhook(text_item("m_2")))

    lines = await shown(edge)

    expected = {
        'facebook_gateway_webhooks_total{result="stored"} 3.0',
        'facebook_gateway_webhooks_total{result="not_signed"} 1.0',
        'facebook_gateway_webhooks_total{result="unavailable"} 1.0',
        "facebook_gateway_webhook_seconds_count 5.0",
        'facebook_gateway_events_total{kind="message",outcome="stored"} 1.0',
        'facebook_gateway_events_total{kind="message",outcome="duplicate"} 1.0',
        'facebook_gateway_events_total{kind="none",outcome="quarantined"} 1.0',
        'facebook_gateway_quarantined_total{reason="NOT_JSON"} 1.0',
        'facebook_gateway_handshakes_total{result="verified"} 1.0',
        'facebook_gateway_handshakes_total{result="refused"} 1.0',
        'facebook_gateway_media_requests_total{status="404"} 1.0',
        "facebook_gateway_queue_bytes 0.0",
        "facebook_gateway_server_serving 1.0",
    }
    assert expected - set(lines) == set()
    assert any(line.startswith('facebook_gateway_key_reads_total{result="ok"}') for line in lines)


async def test_metrics_are_not_shown_where_webhooks_are_taken(edge: Edge) -> None:
    assert (await edge.client.get("/metrics")).status_code == 404
    assert edge.gateway.metrics_address is None
