from __future__ import annotations

import asyncio
import io
import logging
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from pydantic import SecretStr

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, GetChannelRequest, ListChannelsRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.connector_service_pb2 import SendMessagesRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from facebook_connector.app import RunningServer, running_server
from facebook_connector.channels.seal import Keyring
from facebook_connector.services.channels import ChannelServicer
from facebook_connector.services.connector import ConnectorServicer
from facebook_connector.services.ingest import IngestServicer
from facebook_connector.services.media import MediaServicer
from facebook_connector.services.operations import OperationsServicer
from facebook_connector.services.registration import SERVICE_NAMES
from facebook_connector.services.threads import ThreadServicer
from facebook_connector.settings import ServerSettings
from service_runtime import logs
from service_runtime.settings import SettingsError
from tests.support.certificates import self_signed
from tests.support.inbound_wire import StreamCall, running_wire

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SOON_S = 4.0
"""A stop that takes longer waited for its grace to end."""
OPERATOR = (("authorization", "Bearer canary-operator"),)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("INFO", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerSettings:
    monkeypatch.chdir(tmp_path)
    return ServerSettings.load(
        data_dir=tmp_path / "data", listen="127.0.0.1:0", graph_url="http://127.0.0.1:1", profiles=False
    )


def on_postgresql(settings: ServerSettings, url: str) -> ServerSettings:
    keys = SecretStr(Keyring.generate().text())
    return settings.model_copy(update={"database_url": SecretStr(url), "secret_keys": keys})


def channel_to(server: RunningServer) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(str(server.address))


async def health(channel: grpc.aio.Channel, service: str = "") -> int:
    response = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    state: int = response.status
    return state


async def reflected(channel: grpc.aio.Channel, metadata: Any = None) -> list[str]:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    call = stub.ServerReflectionInfo(
        iter([reflection_pb2.ServerReflectionRequest(list_services="*")]), metadata=metadata
    )
    response = await call.read()
    return [service.name for service in response.list_services_response.service]


async def test_it_starts_without_any_setting_and_serves_all_its_services(settings: ServerSettings) -> None:
    async with running_server(settings) as server, channel_to(server) as channel:
        assert server.address.port != 0
        assert [await health(channel, name) for name in ("", *SERVICE_NAMES)] == [SERVING] * 7
        assert set(SERVICE_NAMES) < set(await reflected(channel))


async def test_what_is_kept_is_there_after_a_restart(settings: ServerSettings) -> None:
    async with running_server(settings) as server, channel_to(server) as channel:
        created = await ChannelServiceStub(channel).CreateChannel(
            CreateChannelRequest(channel=Channel(page_id="1001"), secrets=ChannelSecrets(app_secrets=["secret"]))
        )
    async with running_server(settings) as server, channel_to(server) as channel:
        found = await ChannelServiceStub(channel).GetChannel(GetChannelRequest(page_id="1001"))

    assert found.channel == created.channel


async def test_it_serves_on_postgresql(settings: ServerSettings, postgresql_url: str) -> None:
    async with running_server(on_postgresql(settings, postgresql_url)) as server, channel_to(server) as channel:
        await ChannelServiceStub(channel).CreateChannel(CreateChannelRequest(channel=Channel(page_id="1001")))
        found = await ChannelServiceStub(channel).ListChannels(ListChannelsRequest())

    assert [one.page_id for one in found.channels] == ["1001"]
    assert not settings.data_dir.exists()


async def test_postgresql_is_not_migrated_by_a_start(settings: ServerSettings, empty_postgresql_url: str) -> None:
    with pytest.raises(SettingsError, match=r"^FBC_DATABASE_URL: [^\n]*run `facebook-connector migrate`$"):
        async with running_server(on_postgresql(settings, empty_postgresql_url)):
            pass


async def test_its_files_are_for_their_owner_only(settings: ServerSettings) -> None:
    async with running_server(settings):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.data_dir.iterdir()}

    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert modes.keys() >= {"connector.db", "secret.key"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    "servicer",
    [ChannelServicer, ConnectorServicer, IngestServicer, MediaServicer, OperationsServicer, ThreadServicer],
)
def test_no_call_of_the_contract_is_left_out(servicer: type) -> None:
    (base,) = (parent for parent in servicer.__mro__ if parent.__module__.endswith("_pb2_grpc"))
    promised = {name for name in vars(base) if name[0].isupper()}

    assert promised
    assert not [name for name in promised if getattr(servicer, name) is getattr(base, name)]


async def test_without_tokens_the_log_says_so(settings: ServerSettings, log: io.StringIO) -> None:
    async with running_server(settings):
        pass

    assert "no tokens are set" in log.getvalue()


async def test_with_tokens_only_health_is_open_to_all(settings: ServerSettings, log: io.StringIO) -> None:
    guarded = settings.model_copy(update={"operator_tokens": SecretStr("canary-operator")})
    async with running_server(guarded) as server, channel_to(server) as channel:
        assert await health(channel) == SERVING
        assert set(SERVICE_NAMES) < set(await reflected(channel, OPERATOR))
        servers = await channelz_pb2_grpc.ChannelzStub(channel).GetServers(
            channelz_pb2.GetServersRequest(), metadata=OPERATOR
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await ChannelServiceStub(channel).ListChannels(ListChannelsRequest())

    assert len(servers.server) > 0
    assert raised.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert "canary" not in log.getvalue()


async def test_it_serves_over_tls(settings: ServerSettings, tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    secured = settings.model_copy(update={"tls_certificate": pem.certificate, "tls_key": pem.key})
    credentials = grpc.ssl_channel_credentials(pem.certificate.read_bytes())

    async with (
        running_server(secured) as server,
        grpc.aio.secure_channel(f"localhost:{server.address.port}", credentials) as channel,
    ):
        assert await health(channel) == SERVING


async def test_a_stop_is_told_to_who_watches_health(settings: ServerSettings) -> None:
    states: list[int] = []

    async def watch(channel: grpc.aio.Channel, serving: asyncio.Event) -> None:
        call = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        while len(states) < 2:
            states.append((await call.read()).status)
            serving.set()
        call.cancel()

    serving = asyncio.Event()
    async with running_server(settings) as server:
        channel = channel_to(server)
        watching = asyncio.create_task(watch(channel, serving))
        await serving.wait()
    await watching
    await channel.close()

    assert states == [SERVING, NOT_SERVING]


async def test_a_second_server_on_the_same_data_is_refused_in_one_line(settings: ServerSettings) -> None:
    async with running_server(settings):
        with pytest.raises(SettingsError, match=r"^FBC_DATA_DIR: [^\n]+$"):
            async with running_server(settings):
                pass


async def test_an_address_in_use_is_named_in_one_line(
    settings: ServerSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"^FBC_LISTEN: cannot listen at 127\.0\.0\.1:{port}: Address already"):
            async with running_server(settings.model_copy(update={"listen": f"127.0.0.1:{port}"})):
                pass

    assert capfd.readouterr().err == ""


async def test_a_broken_key_file_is_named_in_one_line(settings: ServerSettings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "secret.key").write_text("broken")

    with pytest.raises(SettingsError, match=r"^FBC_DATA_DIR: cannot use the key file [^\n]+$"):
        async with running_server(settings):
            pass


async def test_a_failed_start_leaves_nothing_behind(settings: ServerSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError):
            async with running_server(settings.model_copy(update={"listen": f"127.0.0.1:{port}"})):
                pass

    async with running_server(settings) as server:
        assert server.address.port != 0


async def test_a_stream_that_has_not_started_does_not_hold_up_the_stop(settings: ServerSettings) -> None:
    async with running_wire(settings) as wire, StreamCall(wire.channel, wire.clock, None) as silent:
        # On the same connection, so it is answered after the silent call has arrived.
        await wire.texts("m_1")
        begun = asyncio.get_running_loop().time()
        await wire.serving.aclose()
        took = asyncio.get_running_loop().time() - begun
        end = await silent.ended()

    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")
    assert took < SOON_S


async def test_an_idle_stream_of_sends_does_not_hold_up_the_stop(settings: ServerSettings) -> None:
    async with running_wire(settings) as wire:
        call = ConnectorServiceStub(wire.channel).SendMessages()
        await call.write(SendMessagesRequest())
        await call.read()  # the refusal of the empty frame: the stream is open
        begun = asyncio.get_running_loop().time()
        await wire.serving.aclose()
        took = asyncio.get_running_loop().time() - begun
        code = await call.code()

    assert code is grpc.StatusCode.UNAVAILABLE
    assert took < SOON_S
