from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from service_runtime.settings import SettingsError
from tests.integration.facebook_gateway.conftest import Edges
from tests.support.certificates import self_signed
from tests.support.ingest_recorder import IngestRecorder, recording_server
from tests.support.webhook_bodies import signed, text_item, webhook


async def test_the_server_is_called_by_tls(edges: Edges, recorder: IngestRecorder, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    async with recording_server(recorder, "localhost:0", certificate) as address:
        edge = await edges.start_gateway(recorder, server=address, server_ca=certificate.certificate)

        assert (await edge.post(webhook(text_item("m_1")))).status_code == 200


async def test_webhooks_can_be_taken_by_https(edges: Edges, recorder: IngestRecorder, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    edge = await edges.start(recorder, gateway_tls_certificate=certificate.certificate, gateway_tls_key=certificate.key)
    body = webhook(text_item("m_1"))

    trust = ssl.create_default_context(cafile=certificate.certificate)
    async with httpx.AsyncClient(base_url=edge.gateway.url, verify=trust) as client:
        answer = await client.post("/webhook", content=body, headers=signed(body))

    assert edge.gateway.url.startswith("https://127.0.0.1:")
    assert answer.status_code == 200


async def test_a_port_that_is_taken_stops_the_start(edges: Edges, recorder: IngestRecorder) -> None:
    edge = await edges.start(recorder)
    settings = GatewaySettings.load(gateway_listen=str(edge.gateway.address))

    with pytest.raises(SettingsError, match="FBC_GATEWAY_LISTEN"):
        async with running_gateway(settings):
            pass
