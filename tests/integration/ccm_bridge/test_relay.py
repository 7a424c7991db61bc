"""What reaches CCM, in which order, and what becomes of it when CCM does not want it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from ccm_bridge.app import running_bridge
from ccm_bridge.settings import BridgeSettings
from messenger_sandbox import Outcome
from tests.support.bridged_connector import Bridged, bridged_connector
from tests.support.ccm_stand_in import reply_to
from tests.support.channels import ANA, BEN, PAGE_ID

TAKEN = 'ccm_bridge_posts_total{answer="200",ruling="taken"}'
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Bridged]:
    async with bridged_connector(database_url, tmp_path) as bridged:
        yield bridged


def by_customer(place: Bridged) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for message in place.ccm.taken:
        texts[message["header"]["channelData"]["channelCustomerIdentifier"]].append(message["body"]["markdownText"])
    return texts


async def test_what_came_while_ccm_was_down_is_posted_in_order_when_it_is_back(place: Bridged) -> None:
    await place.ccm.go_down()
    for number in range(4):
        for psid in (ANA, BEN):
            assert await place.facebook.person(psid).says(f"message {number}") is Outcome.DELIVERED
    # Two posts have failed: the outage was noticed.
    async with place.waiting():
        while await place.figure('ccm_bridge_posts_total{answer="connect"') < 2:
            await place.breathes()
    assert place.ccm.calls == []
    assert await place.figure("ccm_bridge_ccm_available") == 0

    await place.ccm.come_up()
    await place.ccm.has_taken(8, within_s=60)

    assert by_customer(place) == {psid: [f"message {number}" for number in range(4)] for psid in (ANA, BEN)}
    assert len({message["id"] for message in place.ccm.taken}) == 8


@ON_SQLITE
async def test_a_429_is_obeyed_and_nothing_is_lost(place: Bridged) -> None:
    place.ccm.statuses.extend([429, 503])
    place.ccm.answer_headers["retry-after"] = "1"
    ana = place.facebook.person(ANA)
    await ana.says("one")
    await ana.says("two")
    await place.ccm.has_taken(2)

    assert [call.status for call in place.ccm.calls] == [429, 503, 200, 200]
    assert place.ccm.texts == ["one", "two"]


@ON_SQLITE
async def test_a_refused_message_comes_again_before_the_next_of_its_conversation_and_stops_no_other(
    place: Bridged,
) -> None:
    place.ccm.statuses.append(400)
    await place.facebook.person(ANA).says("one")
    await place.ccm.was_called(1)
    await place.facebook.person(ANA).says("two")
    await place.facebook.person(BEN).says("three")
    await place.ccm.has_taken(3)

    assert by_customer(place)[ANA] == ["one", "two"]
    assert by_customer(place)[BEN] == ["three"]
    assert await place.figure('ccm_bridge_posts_total{answer="400",ruling="rejected"}') == 1


@ON_SQLITE
async def test_an_answer_that_does_not_come_in_time_is_none(database_url: str, tmp_path: Path) -> None:
    async with bridged_connector(database_url, tmp_path, ccm_timeout=1) as place:
        place.ccm.speaks.clear()
        await place.facebook.person(ANA).says("one")
        async with place.waiting():
            while not await place.figure('ccm_bridge_posts_total{answer="timeout",ruling="unavailable"}'):
                await place.breathes()
        place.ccm.speaks.set()
        await place.ccm.has_taken(1)


@ON_SQLITE
async def test_the_tenant_of_the_channel_is_named(place: Bridged) -> None:
    await place.facebook.person(ANA).says("one")
    await place.ccm.has_taken(1)

    assert place.ccm.calls[0].tenant == "expertflow"


@ON_SQLITE
@pytest.mark.parametrize(
    ("settings", "tenant"), [({"ccm_tenant": "acme"}, "acme"), ({"ccm_tenant_header": False}, None)]
)
async def test_the_tenant_can_be_set_and_left_out(
    database_url: str, tmp_path: Path, settings: dict[str, object], tenant: str | None
) -> None:
    async with bridged_connector(database_url, tmp_path, **settings) as place:
        await place.facebook.person(ANA).says("one")
        await place.ccm.has_taken(1)

        assert place.ccm.calls[0].tenant == tenant


@ON_SQLITE
async def test_a_reaction_reaches_ccm_as_a_reply_in_words(place: Bridged) -> None:
    ana = place.facebook.person(ANA)
    await ana.says("Hello")
    (hello,) = await place.ccm.has_taken(1)
    await ana.reacts(hello["header"]["providerMessageId"])
    _, reaction = await place.ccm.has_taken(2)

    assert reaction["body"] == {"type": "PLAIN", "markdownText": "reacted ❤"}
    assert reaction["header"]["intent"] == "REPLY_TO"
    assert reaction["header"]["originalMessageId"] == hello["id"]
    assert reaction["header"]["entities"]["messenger"]["reaction"] == {
        "action": "react",
        "reaction": "love",
        "emoji": "❤",
    }


@ON_SQLITE
async def test_ccm_hears_that_its_reply_was_delivered_and_read(place: Bridged) -> None:
    ana = place.facebook.person(ANA)
    await ana.says("Hello")
    (hello,) = await place.ccm.has_taken(1)
    reply = reply_to(hello, "Hi")
    assert (await place.ccm.sends(reply)).status_code == 200
    await place.facebook.journal.wait_for(lambda entry: entry.kind.name == "SEND_TAKEN")
    await ana.receives()
    await ana.reads()
    told = await place.ccm.has_taken(2, body_type="DELIVERYNOTIFICATION")

    assert [(each["body"]["messageId"], each["body"]["status"], each["body"]["reasonCode"]) for each in told] == [
        (reply["id"], "DELIVERED", "200"),
        (reply["id"], "READ", "200"),
    ]


@ON_SQLITE
async def test_pictures_of_one_message_are_posted_one_by_one(place: Bridged) -> None:
    shelf = place.facebook.media
    await place.facebook.person(ANA).sends_media(shelf.put("jpeg"), shelf.put("png"), text="look")
    taken = await place.ccm.has_taken(3)

    assert [message["body"]["type"] for message in taken] == ["PLAIN", "IMAGE", "IMAGE"]
    assert [message["header"]["entities"]["messenger"]["part"].get("index", 0) for message in taken] == [0, 1, 2]
    assert len({message["header"]["providerMessageId"] for message in taken}) == 1
    assert taken[1]["header"]["channelData"]["serviceIdentifier"] == PAGE_ID


async def test_a_subscription_of_its_own_is_created_with_its_kinds(database_url: str, tmp_path: Path) -> None:
    settings = {"bridge_subscription": "rest", "bridge_kinds": "message"}
    async with bridged_connector(database_url, tmp_path, **settings) as place:
        async with place.waiting():
            while (await place.get("/readyz")).status_code != 200:
                await place.breathes()
        ana = place.facebook.person(ANA)
        await ana.says("one")
        (one,) = await place.ccm.has_taken(1)
        await ana.reacts(one["header"]["providerMessageId"])
        await ana.says("two")
        await place.ccm.has_taken(2)

        assert place.ccm.texts == ["one", "two"]


@ON_SQLITE
async def test_bridges_beside_each_other_share_the_conversations(place: Bridged) -> None:
    beside = BridgeSettings.load(
        ccm_url=place.ccm.url, server=place.server, bridge_listen="127.0.0.1:0", bridge_metrics_listen="127.0.0.1:0"
    )
    async with running_bridge(beside, grace_s=1) as other:
        second = replace(place, metrics=str(other.metrics_address))
        taken = 0
        async with asyncio.timeout(60):
            while not (await place.figure(TAKEN) and await second.figure(TAKEN)):
                await asyncio.gather(*(place.facebook.person(psid).says(f"message {taken}") for psid in (ANA, BEN)))
                taken += 2
                await place.ccm.has_taken(taken)

    assert len({message["id"] for message in place.ccm.taken}) == taken
    for texts in by_customer(place).values():
        assert texts == [f"message {number}" for number in range(0, taken, 2)]
