"""The hourly look at all channels: the sandbox is Facebook, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, SubscribeChannelRequest
from facebook_connector import telemetry
from facebook_connector.channels import judgement
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.fields import DISABLED_WITHOUT
from facebook_connector.channels.judgement import Judged
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.seal import Keyring
from facebook_connector.channels.setup import PageSetup
from facebook_connector.channels.watch import EVERY_S, FIRST_AFTER_S, SPREAD, ChannelWatch
from facebook_connector.graph.client import GraphClient
from facebook_connector.store.channels import ChannelStore
from facebook_connector.store.database import Database
from facebook_connector.store.keeping.audit import AuditFilter, AuditLog
from messenger_sandbox.app import RunningSandbox
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.journal import EntryKind
from service_runtime.clock import SystemClock
from service_runtime.metrics import Metrics
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN

ALL = frozenset(DISABLED_WITHOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server's channels and its watch."""

    database: Database
    setup: PageSetup
    watch: ChannelWatch
    metrics: Metrics
    facebook: RunningSandbox

    def fields(self) -> frozenset[str]:
        return frozenset(self.facebook.world.page(PAGE_ID).subscribed_fields)

    def facebook_unsubscribes(self, *, left: frozenset[str] = frozenset()) -> None:
        self.facebook.world.change_page(PAGE_ID, subscribed_fields=left)

    def writes(self) -> int:
        """Calls that changed something at Facebook."""
        answered = self.facebook.journal.entries()
        return sum(entry.kind is EntryKind.GRAPH_ANSWERED and entry.details["method"] == "POST" for entry in answered)

    def state_of(self, check: str) -> str:
        wanted = f'{telemetry.CHANNEL_CHECKS.name}{{check="{check}",page_id="{PAGE_ID}"}} '
        return next(line for line in self.metrics.text().splitlines() if line.startswith(wanted)).removeprefix(wanted)


@pytest.fixture
async def place(database: Database, facebook: RunningSandbox, graph: GraphClient) -> Place:
    clock, keyring, metrics = SystemClock(), Keyring.generate(), telemetry.new_metrics()
    requests, directory = OperatorRequests(database, keyring, clock), Directory(database, keyring, clock)
    channels = Channels(
        store=ChannelStore(database),
        requests=requests,
        keyring=keyring,
        changed=directory.forget,
    )
    secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token="verify")
    await channels.create(CreateChannelRequest(channel=Channel(page_id=PAGE_ID, app_id=APP_ID), secrets=secrets))
    return Place(
        database=database,
        setup=PageSetup(channels=channels, directory=directory, requests=requests, graph=graph, clock=clock),
        watch=ChannelWatch(database=database, directory=directory, graph=graph, clock=clock, metrics=metrics),
        metrics=metrics,
        facebook=facebook,
    )


async def looked(place: Place) -> list[Any]:
    """What is logged at one look."""
    with capture_logs() as lines:
        await place.watch.look()
    return [(line["event"], line.get("check", "")) for line in lines]


async def test_a_page_that_facebook_unsubscribed_is_subscribed_again(place: Place) -> None:
    await place.setup.subscribe(SubscribeChannelRequest(page_id=PAGE_ID))
    place.facebook_unsubscribes()

    lines = await looked(place)

    assert place.fields() == ALL
    assert lines == [("page unsubscribed by Facebook, subscribed again: what came between is lost", "")]
    assert place.state_of("subscription") == "0.0"
    newest, *_ = await AuditLog(place.database).list(AuditFilter(actor="server"), before=None, limit=10)
    assert (newest.action, newest.target) == ("ChannelSubscribedAgain", PAGE_ID)


async def test_so_is_one_that_was_subscribed_before_the_connector_came(place: Place) -> None:
    place.facebook_unsubscribes(left=ALL)
    await place.watch.look()
    place.facebook_unsubscribes()

    await place.watch.look()

    assert place.fields() == ALL


async def test_a_page_that_was_never_subscribed_is_left_alone(place: Place) -> None:
    lines = await looked(place)

    assert (place.fields(), place.writes()) == (frozenset(), 0)
    assert lines == [("channel check failed", "subscription")]
    assert place.state_of("subscription") == "2.0"


async def test_only_the_loss_of_messages_is_mended(place: Place) -> None:
    await place.setup.subscribe(SubscribeChannelRequest(page_id=PAGE_ID))
    place.facebook_unsubscribes(left=frozenset({"messages"}))
    before = place.writes()

    await place.watch.look()

    assert (place.fields(), place.writes()) == (frozenset({"messages"}), before)
    assert place.state_of("subscribed_fields") == "1.0"


async def test_what_begins_to_fail_and_what_ceases_is_told_once(place: Place) -> None:
    await place.setup.subscribe(SubscribeChannelRequest(page_id=PAGE_ID))
    first = await looked(place)
    place.facebook.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)
    second, third = await looked(place), await looked(place)
    place.facebook.world.change_page(PAGE_ID, token_fault=None)
    fourth = await looked(place)

    assert (first, third) == ([], [])
    assert ("channel check failed", "page_access_token") in second
    assert ("channel check passed again", "page_access_token") in fourth


async def test_a_page_that_cannot_be_subscribed_is_told(place: Place) -> None:
    await place.setup.subscribe(SubscribeChannelRequest(page_id=PAGE_ID))
    place.facebook_unsubscribes()
    place.facebook.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_EXPIRED)

    lines = await looked(place)

    assert ("channel check failed", "page_access_token") in lines
    assert place.fields() == frozenset()


async def test_a_facebook_that_does_not_answer_has_failed_nothing(place: Place) -> None:
    await place.setup.subscribe(SubscribeChannelRequest(page_id=PAGE_ID))
    async with GraphClient("http://127.0.0.1:1") as nobody:
        place.watch.graph = nobody
        lines = await looked(place)

    assert lines == []
    assert place.state_of("subscription") == "1.0"


async def test_a_fault_of_a_check_ends_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> Judged:
        raise OverflowError("canary")

    monkeypatch.setattr(judgement, "CHECKS", (broken,))

    assert await looked(place) == [("channel check broke", "")]


async def test_it_looks_after_a_minute_and_then_every_hour(place: Place) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    place.watch.sleep = sleep
    await asyncio.wait([asyncio.create_task(place.watch.run())])

    for seconds, about in zip(slept, (FIRST_AFTER_S, EVERY_S, EVERY_S), strict=True):
        assert about * (1 - SPREAD) <= seconds <= about * (1 + SPREAD)
    assert len([e for e in place.facebook.journal.entries() if e.kind is EntryKind.GRAPH_ANSWERED]) == 6
