"""What the bridge learns of pages that nobody knows, and how seldom it asks CCM for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ccm_bridge.ccm import Ccm
from ccm_bridge.configuration import learning
from ccm_bridge.configuration.learning import MAX_REMEMBERED, MAX_WAITING, NOT_AGAIN_FOR_S, Learned, Learner
from ccm_bridge.configuration.pulling import Puller
from ccm_bridge.settings import BridgeSettings
from tests.integration.ccm_bridge.configuration.conftest import EVERYTHING, Place
from tests.support.ccm_stand_in import StandInCcm, stand_in_ccm
from tests.support.sandbox_world import OTHER_PAGE_ID, PAGE_ID


class HandClock:
    """Stands still until a test puts it forward."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine will do: nothing here is about the store."""
    return sqlite_url


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def ccm() -> AsyncIterator[StandInCcm]:
    async with stand_in_ccm() as running:
        yield running


@pytest.fixture
async def learner(ccm: StandInCcm, place: Place, clock: HandClock) -> AsyncIterator[Learner]:
    async with Ccm(BridgeSettings.load(ccm_url=ccm.url)) as client:
        yield Learner(Puller(client, place.channels), place.channels, clock)


async def test_a_page_that_nobody_knows_is_learned(learner: Learner, ccm: StandInCcm, place: Place) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}

    assert await learner.learn(PAGE_ID) is Learned.CHANNEL
    assert (await place.channel()).page_access_token_set


async def test_it_is_learned_in_the_name_of_the_tenant_that_asks(
    learner: Learner, ccm: StandInCcm, place: Place
) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}

    assert await learner.learn(PAGE_ID, "acme") is Learned.CHANNEL
    assert ccm.asked == [(PAGE_ID, "acme")]
    assert (await place.channel()).tenant_id == "acme"


async def test_who_does_not_wait_for_ccm_leaves_the_page_to_the_next_one(learner: Learner, ccm: StandInCcm) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}
    ccm.speaks.clear()
    impatient = asyncio.create_task(learner.learn(PAGE_ID))
    await ccm.was_asked(1)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    ccm.speaks.set()

    assert await learner.learn(PAGE_ID) is Learned.CHANNEL


async def test_many_who_ask_for_one_page_cost_one_pull(learner: Learner, ccm: StandInCcm) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}

    known = await asyncio.gather(*(learner.learn(PAGE_ID) for _ in range(MAX_WAITING)))
    unknown = await asyncio.gather(*(learner.learn(OTHER_PAGE_ID) for _ in range(MAX_WAITING)))

    assert (known, unknown) == ([Learned.CHANNEL] * MAX_WAITING, [Learned.UNKNOWN] * MAX_WAITING)
    assert [page for page, _ in ccm.asked] == [PAGE_ID, OTHER_PAGE_ID]


async def test_more_than_may_wait_are_not_told(learner: Learner, ccm: StandInCcm) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}
    ccm.speaks.clear()
    waiting = [asyncio.create_task(learner.learn(PAGE_ID)) for _ in range(MAX_WAITING)]
    await ccm.was_asked(1)

    assert await learner.learn(PAGE_ID) is Learned.NOT_TOLD
    ccm.speaks.set()
    assert set(await asyncio.gather(*waiting)) == {Learned.CHANNEL}


@pytest.mark.parametrize(("status", "learned"), [(404, Learned.UNKNOWN), (500, Learned.NOT_TOLD)])
async def test_ccm_is_not_asked_again_for_a_while(
    learner: Learner, ccm: StandInCcm, clock: HandClock, status: int, learned: Learned
) -> None:
    ccm.configurations = {PAGE_ID: status}
    assert await learner.learn(PAGE_ID) is learned
    ccm.configurations = {PAGE_ID: EVERYTHING}
    clock.seconds += NOT_AGAIN_FOR_S[learned] - 1
    assert await learner.learn(PAGE_ID) is learned
    clock.seconds += 1
    assert await learner.learn(PAGE_ID) is Learned.CHANNEL
    assert len(ccm.asked) == 2


async def test_a_ccm_that_is_away_has_told_nothing(learner: Learner, ccm: StandInCcm) -> None:
    await ccm.go_down()

    assert await learner.learn(PAGE_ID) is Learned.NOT_TOLD


async def test_settings_that_say_nothing_make_no_channel(learner: Learner, ccm: StandInCcm) -> None:
    ccm.configurations = {PAGE_ID: dict.fromkeys(EVERYTHING, "*****")}

    assert await learner.learn(PAGE_ID) is Learned.UNKNOWN


@pytest.mark.parametrize("page_id", ["", "1/../../message", "7x", "1" * 33])
async def test_what_is_no_page_id_is_not_asked_for(learner: Learner, ccm: StandInCcm, page_id: str) -> None:
    assert await learner.learn(page_id) is Learned.UNKNOWN
    assert ccm.asked == []


async def test_only_so_many_unknown_pages_are_asked_for_in_a_while(
    learner: Learner, ccm: StandInCcm, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_REMEMBERED > 100
    monkeypatch.setattr(learning, "MAX_REMEMBERED", 3)
    learned = [await learner.learn(str(page)) for page in range(1, 6)]
    assert learned == [Learned.UNKNOWN] * 3 + [Learned.NOT_TOLD] * 2
    assert len(ccm.asked) == 3
    clock.seconds += NOT_AGAIN_FOR_S[Learned.UNKNOWN]
    assert await learner.learn("9") is Learned.UNKNOWN
    assert len(ccm.asked) == 4
