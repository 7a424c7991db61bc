from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from structlog.testing import capture_logs

from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_ACTIVE, CHANNEL_STATE_STOPPED, Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, DeleteChannelRequest, UpdateChannelRequest
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import CACHE_S, Directory
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.seal import Keyring
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.values import SendingChannel
from facebook_connector.store.channels import ChannelStore
from facebook_connector.store.database import Database
from facebook_connector.store.keeping.audit import AuditFilter, AuditLog

PAGE_ID = "1001"
SECRETS = ChannelSecrets(page_access_token="token", app_secrets=["new", "old"], verify_token="verify")
OWN_ACTIONS = ("ChannelStopped", "ChannelResumed", "HumanAgentCleared")
PASSWORD_CHANGED = GraphError(
    code=190, subcode=460, message="canary: Facebook's own words", transient=False, trace_id=""
)


@dataclass
class ManualClock:
    at_ms: int = 1_794_300_000_000
    passed_s: float = field(default=0.0)

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic(self) -> float:
        return self.passed_s


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    database: Database
    channels: Channels
    directory: Directory
    clock: ManualClock

    async def create(self, page_id: str = PAGE_ID, secrets: ChannelSecrets = SECRETS, **settings: Any) -> None:
        await self.channels.create(CreateChannelRequest(channel=Channel(page_id=page_id, **settings), secrets=secrets))

    async def set_token(self, token: str) -> None:
        await self.channels.update(
            UpdateChannelRequest(
                channel=Channel(page_id=PAGE_ID),
                secrets=ChannelSecrets(page_access_token=token),
                update_mask=FieldMask(paths=["secrets.page_access_token"]),
            )
        )

    async def own_actions(self) -> list[tuple[str, str, str]]:
        """What the server noted of itself, oldest first: action, target, detail."""
        rows = await AuditLog(self.database).list(AuditFilter(actor="server"), before=None, limit=10)
        return [(row.action, row.target, row.detail) for row in reversed(rows) if row.action in OWN_ACTIONS]

    async def opened(self) -> SendingChannel:
        channel = await self.directory.open(PAGE_ID)
        assert channel is not None
        return channel


@pytest.fixture
def world(database: Database) -> World:
    clock, keyring = ManualClock(), Keyring.generate()
    directory = Directory(database, keyring, clock)
    channels = Channels(
        store=ChannelStore(database),
        requests=OperatorRequests(database, keyring, clock),
        keyring=keyring,
        changed=directory.forget,
    )
    return World(database=database, channels=channels, directory=directory, clock=clock)


async def test_a_channel_opens_with_what_sending_needs(world: World) -> None:
    await world.create(graph_version="v26.0", human_agent_enabled=True)

    channel = await world.opened()

    assert (channel.page_token, channel.app_secret, channel.graph_version) == ("token", "new", "v26.0")
    assert (channel.human_agent_enabled, channel.stop_reason) == (True, "")
    assert channel.edited_marker == "Edited: "


async def test_an_empty_edited_marker_stays_empty(world: World) -> None:
    await world.create(edited_marker="")

    assert (await world.opened()).edited_marker == ""


async def test_an_unknown_page_has_no_channel(world: World) -> None:
    assert await world.directory.open(PAGE_ID) is None


async def test_a_channel_without_a_token_does_not_send(world: World) -> None:
    await world.create(secrets=ChannelSecrets())

    assert (await world.opened()).stop_reason == "PAGE_TOKEN_REJECTED"


async def test_changes_through_this_server_count_at_once(world: World) -> None:
    assert await world.directory.open(PAGE_ID) is None
    await world.create()
    assert (await world.opened()).page_token == "token"
    await world.set_token("fresh")
    assert (await world.opened()).page_token == "fresh"
    await world.channels.delete(DeleteChannelRequest(page_id=PAGE_ID))
    assert await world.directory.open(PAGE_ID) is None


async def test_changes_by_another_server_count_after_a_moment(world: World) -> None:
    await world.create()
    await world.opened()
    keyring = world.channels.keyring
    elsewhere = Directory(world.database, keyring, world.clock)
    await elsewhere.stop(await world.opened(), "PAGE_TOKEN_REJECTED", PASSWORD_CHANGED)

    assert (await world.opened()).stop_reason == ""
    world.clock.passed_s += CACHE_S
    assert (await world.opened()).stop_reason == "PAGE_TOKEN_REJECTED"


async def test_a_refused_token_stops_the_channel_and_says_what_to_do(world: World) -> None:
    await world.create()

    await world.directory.stop(await world.opened(), "PAGE_TOKEN_REJECTED", PASSWORD_CHANGED)

    channel = await world.channels.get(PAGE_ID)
    assert channel.state == CHANNEL_STATE_STOPPED
    assert "password" in channel.state_reason
    assert channel.state_reason.endswith(
        "(190/460). Set a new page access token, or the right app secret if that is what is refused."
    )
    assert "canary" not in channel.state_reason
    assert (await world.opened()).stop_reason == "PAGE_TOKEN_REJECTED"


async def test_a_new_token_starts_it_again(world: World) -> None:
    await world.create()
    await world.directory.stop(await world.opened(), "PAGE_TOKEN_REJECTED", PASSWORD_CHANGED)

    await world.set_token("fresh")

    assert (await world.channels.get(PAGE_ID)).state == CHANNEL_STATE_ACTIVE
    assert (await world.opened()).stop_reason == ""
    assert await world.own_actions() == [
        ("ChannelStopped", PAGE_ID, "PAGE_TOKEN_REJECTED (190/460)"),
        ("ChannelResumed", PAGE_ID, "was stopped: PAGE_TOKEN_REJECTED"),
    ]


async def test_a_refusal_of_the_token_before_does_not_stop_the_new_one(world: World) -> None:
    await world.create()
    before = await world.opened()
    await world.set_token("fresh")

    await world.directory.stop(before, "PAGE_TOKEN_REJECTED", PASSWORD_CHANGED)

    assert (await world.opened()).stop_reason == ""
    assert await world.own_actions() == []


async def test_a_missing_feature_is_recorded_once(world: World) -> None:
    await world.create(human_agent_enabled=True)
    before = await world.opened()

    await world.directory.clear_human_agent(before)
    after = await world.opened()
    await world.directory.clear_human_agent(before)

    assert not after.human_agent_enabled
    assert after.etag != before.etag
    assert await world.own_actions() == [("HumanAgentCleared", PAGE_ID, "")]


async def test_webhook_keys_hold_every_channel_and_their_version(world: World) -> None:
    await world.create("1001", app_id="5001")
    first = await world.directory.webhook_keys()
    await world.create("1002", app_id="5001", secrets=ChannelSecrets(app_secrets=["other"]))
    second = await world.directory.webhook_keys()

    assert [(app.app_id, list(app.app_secrets)) for app in second.apps] == [("5001", ["new", "old", "other"])]
    assert first.keys_version != second.keys_version
    assert await world.directory.webhook_keys() == second


async def test_a_secret_that_does_not_open_never_makes_a_page_take_unsigned_bodies(world: World) -> None:
    await world.create(allow_unsigned=True)
    others = Directory(world.database, Keyring.generate(), world.clock)

    keys = await others.webhook_keys()
    channel = await others.open(PAGE_ID)

    assert list(keys.unsigned_page_ids) == []
    assert [list(app.app_secrets) for app in keys.apps] == [[]]
    assert channel is not None
    assert channel.stop_reason == "PAGE_TOKEN_REJECTED"


async def test_secrets_that_do_not_open_are_told_apart_from_none_and_logged_once_per_change(world: World) -> None:
    await world.create()
    others = Directory(world.database, Keyring.generate(), world.clock)
    store = ChannelStore(world.database)

    with capture_logs() as lines:
        for _ in range(3):
            row = await store.get(PAGE_ID)
            assert row is not None
            assert others.access(row).sealed
            assert not world.directory.access(row).sealed
        await world.set_token("another")
        await others.webhook_keys()

    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "a channel's secrets cannot be opened"
    ] * 2


async def test_pages_that_take_unsigned_bodies_are_known(world: World) -> None:
    await world.create("1001", allow_unsigned=True, secrets=ChannelSecrets())
    await world.create("1002", allow_unsigned=True)

    assert await world.directory.unsigned_page_ids() == ("1001",)
