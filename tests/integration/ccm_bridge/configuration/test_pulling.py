"""What the bridge asks CCM for at its start, and of one page on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ccm_bridge.ccm import Ccm
from ccm_bridge.configuration import pulling
from ccm_bridge.configuration.answers import MAY_NOT
from ccm_bridge.configuration.ccm import CcmError
from ccm_bridge.configuration.pulling import Puller
from ccm_bridge.settings import BridgeSettings
from facebook_connector.app import RunningServer, running_server
from facebook_connector.settings import ServerSettings
from service_runtime.backoff import Backoff
from tests.integration.ccm_bridge.configuration.conftest import EVERYTHING, Place, served_place
from tests.support.ccm_stand_in import StandInCcm, stand_in_ccm
from tests.support.sandbox_world import OTHER_PAGE_ID, PAGE_ID


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine will do: nothing here is about the store."""
    return sqlite_url


@pytest.fixture
async def ccm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandInCcm]:
    monkeypatch.setattr(pulling, "AGAIN", Backoff(first=0.01, cap=0.02))
    async with stand_in_ccm() as running:
        yield running


@asynccontextmanager
async def pulls(ccm: StandInCcm, place: Place, *pages: str, **settings: Any) -> AsyncIterator[Puller]:
    async with Ccm(BridgeSettings.load(ccm_url=ccm.url, **settings)) as client:
        yield Puller(client, place.channels, pages=pages)


@pytest.fixture
async def puller(ccm: StandInCcm, place: Place) -> AsyncIterator[Puller]:
    async with pulls(ccm, place, OTHER_PAGE_ID) as opened:
        yield opened


async def test_at_the_start_known_and_named_pages_are_pulled_once(
    puller: Puller, ccm: StandInCcm, place: Place
) -> None:
    await place.push({**EVERYTHING, "FACEBOOK-APP-ID": "1"}, tenantid="acme")
    ccm.configurations = {PAGE_ID: {"FACEBOOK-APP-ID": "2"}, OTHER_PAGE_ID: {"FACEBOOK-API-KEY": "canary-other"}}

    await puller.run()

    assert sorted(ccm.asked, key=str) == [(PAGE_ID, "acme"), (OTHER_PAGE_ID, None)]
    assert (await place.channel()).app_id == "2"
    assert (await place.channel()).tenant_id == "acme"
    assert (await place.channel(OTHER_PAGE_ID)).page_access_token_set


async def test_what_ccm_does_not_know_or_say_stays_as_it_is(puller: Puller, ccm: StandInCcm, place: Place) -> None:
    await place.push(EVERYTHING)
    before = await place.channel()
    ccm.configurations = {PAGE_ID: dict.fromkeys(EVERYTHING, "*****"), OTHER_PAGE_ID: 404}

    await puller.run()

    assert await place.channel() == before
    assert await place.channels.find(OTHER_PAGE_ID) is None


@pytest.mark.parametrize("problem", [500, 302, 401, {"status": "canary"}, ["canary"]])
async def test_a_ccm_that_does_not_tell_is_asked_until_it_does(
    puller: Puller, ccm: StandInCcm, place: Place, problem: Any
) -> None:
    ccm.configurations = {OTHER_PAGE_ID: problem if isinstance(problem, int) else [problem]}
    running = asyncio.create_task(puller.run())
    await ccm.was_asked(3)
    ccm.configurations = {OTHER_PAGE_ID: {"FACEBOOK-API-KEY": "canary-token"}}

    await running

    assert (await place.channel(OTHER_PAGE_ID)).page_access_token_set


async def test_no_redirect_is_followed(puller: Puller, ccm: StandInCcm) -> None:
    ccm.configurations = {PAGE_ID: 307, OTHER_PAGE_ID: EVERYTHING}
    ccm.answer_headers = {"location": f"{ccm.url}/channel-connectors/configurations/{OTHER_PAGE_ID}"}

    with pytest.raises(CcmError, match="CCM answers 307"):
        await puller.pull(PAGE_ID)

    assert [page for page, _ in ccm.asked] == [PAGE_ID]


async def test_ccm_and_server_may_come_up_in_any_order(ccm: StandInCcm, server: RunningServer, place: Place) -> None:
    ccm.configurations = {PAGE_ID: EVERYTHING}
    await ccm.go_down()
    async with pulls(ccm, place, PAGE_ID) as puller:
        running = asyncio.create_task(puller.run())
        with pytest.raises(CcmError, match="CCM does not answer: connect"):
            await puller.pull(PAGE_ID)
        await ccm.come_up()
        await running
    assert (await place.channel()).page_access_token_set


async def test_a_token_without_the_role_ends_it_and_says_what_to_set(
    ccm: StandInCcm, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, log: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    ccm.configurations = {PAGE_ID: EVERYTHING}
    settings = ServerSettings.load(listen="127.0.0.1:0", ccm_tokens="ccm-token", operator_tokens="operator-token")
    async with (
        running_server(settings) as server,
        served_place(str(server.address), token="ccm-token") as place,
        pulls(ccm, place, PAGE_ID) as puller,
    ):
        await puller.run()

    assert MAY_NOT in log.getvalue()


async def test_the_tenant_header_is_a_setting(ccm: StandInCcm, place: Place) -> None:
    async with pulls(ccm, place, ccm_tenant="globex") as puller:
        await puller.pull(PAGE_ID, "acme")
    async with pulls(ccm, place, ccm_tenant_header=False) as puller:
        await puller.pull(PAGE_ID, "acme")

    assert ccm.asked == [(PAGE_ID, "globex"), (PAGE_ID, None)]


async def test_a_push_that_comes_before_the_answer_to_a_pull_is_not_undone(
    puller: Puller, ccm: StandInCcm, place: Place
) -> None:
    ccm.configurations = {PAGE_ID: {**EVERYTHING, "FACEBOOK-APP-ID": "1"}}
    ccm.speaks.clear()
    pulling_ = asyncio.create_task(puller.pull(PAGE_ID))
    await ccm.was_asked(1)
    ccm.configurations = {PAGE_ID: {**EVERYTHING, "FACEBOOK-APP-ID": "2"}}
    await place.push(ccm.configurations[PAGE_ID])
    ccm.speaks.set()
    await pulling_

    assert (await place.channel()).app_id == "2"
    assert len(ccm.asked) == 2


@pytest.mark.parametrize("page_id", ["", "1/../../message", "7x", "1" * 33])
async def test_what_is_no_page_id_is_not_asked_for(puller: Puller, ccm: StandInCcm, page_id: str) -> None:
    assert await puller.pull(page_id) is None
    assert ccm.asked == []
