from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector_client import ConnectorClient, ConnectorError, Tls
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from tests.support.certificates import Certificate, self_signed


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


@pytest.fixture
async def address(certificate: Certificate, tmp_path: Path) -> AsyncIterator[str]:
    settings = ServerSettings.load(
        listen="127.0.0.1:0",
        data_dir=tmp_path,
        ccm_tokens="right",
        tls_certificate=certificate.certificate,
        tls_key=certificate.key,
    )
    async with running_server(settings) as server:
        yield str(server.address)


async def test_a_token_travels_over_tls(address: str, certificate: Certificate) -> None:
    async with ConnectorClient(address, token="right", tls=Tls(ca=certificate.certificate)) as client:
        with pytest.raises(ConnectorError) as caught:
            await client.get_message("never sent")

    assert caught.value.reason == "MESSAGE_NOT_FOUND"


async def test_a_wrong_token_is_told_by_its_reason(address: str, certificate: Certificate) -> None:
    async with ConnectorClient(address, token="wrong", tls=Tls(ca=certificate.certificate)) as client:
        with pytest.raises(ConnectorError) as caught:
            await anext(client.inbound("ccm"))

    assert caught.value.reason == "TOKEN_INVALID"


async def test_a_certificate_for_another_name_needs_that_name(address: str, certificate: Certificate) -> None:
    named = Tls(ca=certificate.certificate, server_name="localhost")
    other = Tls(ca=certificate.certificate, server_name="elsewhere")

    async with ConnectorClient(address, tls=named) as client:
        await client.connection.ready()
    async with ConnectorClient(address, tls=other) as client:
        with pytest.raises(ConnectorError, match="cannot be reached"):
            await client.connection.ready(timeout=0.5)


async def test_a_server_with_an_unknown_certificate_is_not_trusted(address: str, tmp_path: Path) -> None:
    stranger = self_signed(tmp_path, "stranger")

    async with ConnectorClient(address, token="right", tls=Tls(ca=stranger.certificate)) as client:
        with pytest.raises(ConnectorError, match="cannot be reached"):
            await client.connection.ready(timeout=0.5)
