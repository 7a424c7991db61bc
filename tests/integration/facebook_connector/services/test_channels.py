from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import structlog
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1.channel_pb2 import CHECK_STATE_OK, Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import (
    CheckChannelRequest,
    CreateChannelRequest,
    CreateChannelResponse,
    DeleteChannelRequest,
    DeleteChannelResponse,
    GetChannelRequest,
    ListChannelsRequest,
    SubscribeChannelRequest,
    UpdateChannelRequest,
)
from expertflow.connector.v1.channel_service_pb2_grpc import (
    ChannelServiceStub,
    add_ChannelServiceServicer_to_server,
)
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.messenger_profile import MessengerProfiles
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.seal import Keyring
from facebook_connector.channels.setup import PageSetup
from facebook_connector.graph.client import GraphClient
from facebook_connector.services.channels import ChannelServicer
from facebook_connector.services.interceptors import CallInterceptor
from facebook_connector.services.roles import Guard
from facebook_connector.services.status import DETAILS_KEY
from facebook_connector.store.channels import ChannelStore
from facebook_connector.store.database import Database
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.world import Page
from service_runtime import logs
from service_runtime.clock import SystemClock
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub

SECRETS = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A server that serves ChannelService, with the sandbox as Facebook."""

    api: ChannelServiceAsyncStub
    facebook: RunningSandbox
    files: Path
    changed: list[str]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    page = Page(page_id=PAGE_ID, token=PAGE_TOKEN, name="Invented Shoes", subscribed_fields=frozenset())
    config = SandboxConfig(app_id=APP_ID, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, pages=(page,))
    async with Sandbox(config).serve() as running:
        yield running


@pytest.fixture
async def world(log: io.StringIO, facebook: RunningSandbox, database: Database, tmp_path: Path) -> AsyncIterator[World]:
    clock, keyring, changed = SystemClock(), Keyring.generate(), list[str]()
    server = grpc.aio.server(interceptors=(CallInterceptor(Guard({}), clock),))
    port = server.add_insecure_port("127.0.0.1:0")
    async with (
        GraphClient(facebook.base_url) as graph,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        requests = OperatorRequests(database, keyring, clock)
        channels = Channels(store=ChannelStore(database), requests=requests, keyring=keyring, changed=changed.append)
        directory = Directory(database, keyring, clock)
        setup = PageSetup(channels=channels, directory=directory, requests=requests, graph=graph, clock=clock)
        profiles = MessengerProfiles(channels=channels, directory=directory, requests=requests, graph=graph)
        add_ChannelServiceServicer_to_server(ChannelServicer(channels, setup, profiles), server)
        await server.start()
        yield World(api=ChannelServiceStub(channel), facebook=facebook, files=tmp_path, changed=changed)
        await server.stop(0)


async def create(world: World, page_id: str = PAGE_ID, request_id: str = "", **settings: Any) -> CreateChannelResponse:
    return await world.api.CreateChannel(
        CreateChannelRequest(channel=Channel(page_id=page_id, **settings), secrets=SECRETS, request_id=request_id)
    )


async def update(
    world: World, *paths: str, etag: str = "", secrets: ChannelSecrets | None = None, **settings: Any
) -> Channel:
    response = await world.api.UpdateChannel(
        UpdateChannelRequest(
            channel=Channel(page_id=PAGE_ID, etag=etag, **settings),
            secrets=secrets,
            update_mask=FieldMask(paths=paths),
        )
    )
    return response.channel


async def stored(world: World, page_id: str = PAGE_ID) -> Channel:
    return (await world.api.GetChannel(GetChannelRequest(page_id=page_id))).channel


async def refusal(call: Any) -> tuple[grpc.StatusCode, error_details_pb2.ErrorInfo]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    status, info = status_pb2.Status(), error_details_pb2.ErrorInfo()
    status.ParseFromString(dict(raised.value.trailing_metadata())[DETAILS_KEY])
    status.details[0].Unpack(info)
    assert "canary" not in f"{raised.value} {status}"
    return raised.value.code(), info


async def test_a_created_channel_is_found_again(world: World) -> None:
    created = (await create(world, app_id=APP_ID, wanted_fields=["messages"])).channel

    assert await stored(world) == created
    assert (created.tenant_id, created.app_secret_count) == ("expertflow", 1)
    assert world.changed == [PAGE_ID]


async def test_a_page_has_one_channel(world: World) -> None:
    await create(world)

    code, info = await refusal(create(world))

    assert (code, info.reason) == (grpc.StatusCode.ALREADY_EXISTS, "CHANNEL_EXISTS")
    assert info.metadata == {"page_id": PAGE_ID}


async def test_of_two_creations_at_once_one_wins(world: World) -> None:
    outcomes = await asyncio.gather(*(create(world) for _ in range(4)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]

    assert [error.code() for error in refused] == [grpc.StatusCode.ALREADY_EXISTS] * 3


async def test_one_request_sent_twice_at_once_is_done_once(world: World) -> None:
    outcomes = await asyncio.gather(*(create(world, request_id="r-1") for _ in range(4)))

    assert [outcome.channel.etag for outcome in outcomes] == [outcomes[0].channel.etag] * 4
    assert world.changed == [PAGE_ID]


async def test_an_invalid_channel_is_refused_and_not_stored(world: World) -> None:
    code, info = await refusal(create(world, page_id="me"))

    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert info.metadata == {"field": "channel.page_id"}
    assert len((await world.api.ListChannels(ListChannelsRequest())).channels) == 0


async def test_a_repeated_request_id_gets_the_first_answer(world: World) -> None:
    first = await create(world, request_id="r-1")
    await update(world, "tenant_id", tenant_id="north")

    assert await create(world, request_id="r-1") == first
    assert (await stored(world)).tenant_id == "north"
    assert world.changed == [PAGE_ID, PAGE_ID]


async def test_a_request_id_cannot_be_used_for_other_content_or_another_method(world: World) -> None:
    await create(world, request_id="r-1")

    for call in (
        create(world, request_id="r-1", tenant_id="north"),
        world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID, request_id="r-1")),
    ):
        code, info = await refusal(call)
        assert (code, info.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        assert info.metadata["request_id"] == "r-1"
    assert (await stored(world)).tenant_id == "expertflow"


async def test_a_refused_call_leaves_its_request_id_free(world: World) -> None:
    await refusal(world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID, request_id="r-1")))
    await create(world)

    deleted = await world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID, request_id="r-1"))

    assert deleted == DeleteChannelResponse()


async def test_an_unknown_channel_is_not_found(world: World) -> None:
    for call in (
        stored(world),
        update(world, "tenant_id", tenant_id="north"),
        world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID)),
        world.api.SubscribeChannel(SubscribeChannelRequest(page_id=PAGE_ID)),
        world.api.CheckChannel(CheckChannelRequest(page_id=PAGE_ID)),
    ):
        code, info = await refusal(call)
        assert (code, info.reason) == (grpc.StatusCode.NOT_FOUND, "CHANNEL_NOT_FOUND")


async def test_an_update_changes_what_the_mask_names(world: World) -> None:
    created = (await create(world, app_id=APP_ID)).channel

    updated = await update(
        world,
        "tenant_id",
        "secrets.app_secrets",
        tenant_id="north",
        secrets=ChannelSecrets(app_secrets=["canary-new", "canary-old"], verify_token=""),
    )

    assert (updated.tenant_id, updated.app_id, updated.app_secret_count) == ("north", APP_ID, 2)
    assert updated.verify_token_set
    assert updated.etag != created.etag
    assert await stored(world) == updated


async def test_an_etag_of_before_is_refused(world: World) -> None:
    created = (await create(world)).channel
    updated = await update(world, "tenant_id", etag=created.etag, tenant_id="north")

    code, info = await refusal(update(world, "tenant_id", etag=created.etag, tenant_id="south"))

    assert (code, info.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    assert info.metadata == {"page_id": PAGE_ID, "etag": updated.etag}
    assert (await stored(world)).tenant_id == "north"


async def test_of_two_updates_with_the_same_etag_one_wins(world: World) -> None:
    etag = (await create(world)).channel.etag

    outcomes = await asyncio.gather(
        update(world, "tenant_id", etag=etag, tenant_id="north"),
        update(world, "tenant_id", etag=etag, tenant_id="south"),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, Channel) for outcome in outcomes) == 1


async def test_a_mask_is_required(world: World) -> None:
    await create(world)

    code, info = await refusal(update(world, tenant_id="north"))

    assert (code, info.metadata["field"]) == (grpc.StatusCode.INVALID_ARGUMENT, "update_mask")


async def test_a_deleted_channel_is_gone_with_its_secrets(world: World) -> None:
    etag = (await create(world)).channel.etag
    code, _ = await refusal(world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID, etag="other")))
    await world.api.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID, etag=etag))

    recreated = (await world.api.CreateChannel(CreateChannelRequest(channel=Channel(page_id=PAGE_ID)))).channel

    assert code == grpc.StatusCode.ABORTED
    assert (recreated.app_secret_count, recreated.page_access_token_set) == (0, False)


async def test_lists_come_in_pages_ordered_by_page_id(world: World) -> None:
    for page_id in ("1003", "1001", "1002"):
        await create(world, page_id)

    first = await world.api.ListChannels(ListChannelsRequest(page_size=2))
    second = await world.api.ListChannels(ListChannelsRequest(page_size=2, page_token=first.next_page_token))

    assert [channel.page_id for channel in first.channels] == ["1001", "1002"]
    assert [channel.page_id for channel in second.channels] == ["1003"]
    assert second.next_page_token == ""


async def test_lists_can_be_of_one_tenant_and_their_token_belongs_to_it(world: World) -> None:
    await create(world, "1001", tenant_id="north")
    await create(world, "1002")
    await create(world, "1003", tenant_id="north")

    everything = await world.api.ListChannels(ListChannelsRequest(tenant_id="north"))
    first = await world.api.ListChannels(ListChannelsRequest(tenant_id="north", page_size=1))
    code, info = await refusal(world.api.ListChannels(ListChannelsRequest(page_token=first.next_page_token)))

    assert [channel.page_id for channel in everything.channels] == ["1001", "1003"]
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


async def test_a_subscribed_channel_passes_its_check(world: World) -> None:
    await create(world, app_id=APP_ID)

    subscribed = await world.api.SubscribeChannel(SubscribeChannelRequest(page_id=PAGE_ID))
    checked = await world.api.CheckChannel(CheckChannelRequest(page_id=PAGE_ID))

    assert set(subscribed.subscribed_fields) == world.facebook.world.page(PAGE_ID).subscribed_fields
    assert checked.state == CHECK_STATE_OK, checked
    assert checked.HasField("check_time")


async def test_a_repeated_subscription_under_one_request_id_asks_facebook_once(world: World) -> None:
    await create(world, app_id=APP_ID)
    request = SubscribeChannelRequest(page_id=PAGE_ID, request_id="r-1")
    first = await world.api.SubscribeChannel(request)
    asked = len(world.facebook.journal.entries())

    assert await world.api.SubscribeChannel(request) == first
    assert len(world.facebook.journal.entries()) == asked


async def test_without_a_page_token_there_is_no_subscription(world: World) -> None:
    await create(world)
    await update(world, "secrets.page_access_token")

    code, info = await refusal(world.api.SubscribeChannel(SubscribeChannelRequest(page_id=PAGE_ID)))

    assert (code, info.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PAGE_TOKEN_REJECTED")


async def test_secrets_are_in_no_log_and_no_answer(world: World, log: io.StringIO) -> None:
    answers = await use_every_call(world)

    assert "canary" not in str(answers)
    assert "channel created" in log.getvalue()
    assert "canary" not in log.getvalue()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_secrets_are_in_no_file_of_the_database(world: World) -> None:
    await use_every_call(world)
    files = {path.name: path.read_bytes() for path in world.files.iterdir() if path.is_file()}

    assert files.keys() >= {"connector.db", "connector.db-wal"}
    assert [name for name, content in files.items() if b"canary" in content] == []
    assert any(PAGE_ID.encode() in content for content in files.values())


async def use_every_call(world: World) -> list[object]:
    answers: list[object] = [
        await create(world, app_id=APP_ID, request_id="r-1"),
        await world.api.SubscribeChannel(SubscribeChannelRequest(page_id=PAGE_ID)),
        await update(world, "secrets.app_secrets", secrets=ChannelSecrets(app_secrets=["canary-wrong"])),
        await world.api.CheckChannel(CheckChannelRequest(page_id=PAGE_ID)),
        await stored(world),
        await world.api.ListChannels(ListChannelsRequest()),
    ]
    await refusal(world.api.SubscribeChannel(SubscribeChannelRequest(page_id=PAGE_ID)))
    await refusal(create(world, tenant_id="two words"))
    await refusal(update(world, "secrets.verify_token", secrets=ChannelSecrets(verify_token="canary" * 400)))
    return answers
