"""`channels pull` as an operator has it: a real process, a real server, and a stand-in for CCM."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from tests.support.ccm_stand_in import StandInCcm, stand_in_ccm
from tests.support.channels import APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN
from tests.support.processes import free_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.e2e

UNIFIED_ADMIN = {
    "FACEBOOK-API-KEY": PAGE_TOKEN,
    "FACEBOOK-PAGE-ACCESS-TOKEN": VERIFY_TOKEN,
    "FACEBOOK-APP-SECRET": APP_SECRET,
    "NEW-ONE": "canary",
}


@dataclass(frozen=True, slots=True)
class Place:
    ccm: StandInCcm
    terminal: Terminal


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    monkeypatch.chdir(tmp_path)
    settings = ServerSettings.load(listen="127.0.0.1:0", data_dir=tmp_path / "data")
    async with running_server(settings) as server, stand_in_ccm() as ccm:
        ccm.configurations = {PAGE_ID: UNIFIED_ADMIN}
        yield Place(ccm, Terminal(tmp_path, {"FBC_SERVER": str(server.address), "CCM_URL": ccm.url}))


async def test_it_says_what_became_of_every_attribute_and_shows_no_value(place: Place) -> None:
    pulled = await place.terminal.run("channels", "pull", PAGE_ID)
    listed = await place.terminal.run("channels", "list", "--json")

    assert (pulled.status, pulled.err) == (0, "")
    assert f"{PAGE_ID}  FACEBOOK-API-KEY            applied\n" in pulled.out
    assert f"{PAGE_ID}  NEW-ONE                     ignored  is not known\n" in pulled.out
    assert f"channel {PAGE_ID} is created\n" in pulled.out
    assert "canary" not in pulled.out
    (channel,) = json.loads(listed.out)["channels"]
    assert (channel["page_id"], channel["page_access_token_set"]) == (PAGE_ID, True)


async def test_without_a_page_all_known_ones_are_pulled(place: Place) -> None:
    nothing = await place.terminal.run("channels", "pull")
    named = await place.terminal.having(FBC_BRIDGE_PAGES=PAGE_ID).run("channels", "pull", "--json")
    known = await place.terminal.run("channels", "pull", "--json")

    assert (nothing.status, nothing.out) == (0, "nothing was taken from CCM\n")
    changes = [json.loads(each.out)["configurations"][0]["channel"] for each in (named, known)]
    assert changes == ["created", "updated"]
    assert place.ccm.asked == [(PAGE_ID, None), (PAGE_ID, "expertflow")]


@pytest.mark.parametrize(
    ("pages", "settings", "told"),
    [
        (["999"], {}, "999: CCM has no channel with this Service Identifier"),
        (["7"], {}, "7: CCM answers 500"),
        (["7"], {"CCM_URL": f"http://127.0.0.1:{free_port()}"}, "7: CCM does not answer: connect"),
        ([], {"CCM_URL": ""}, "FBC_CCM_URL (or CCM_URL): says where CCM is"),
        ([], {"FBC_CCM_URL": "http://other"}, "CCM_URL is set too and says something else"),
        ([], {"FBC_BRIDGE_PAGES": "x"}, "FBC_BRIDGE_PAGES: must be ids of Facebook Pages"),
    ],
)
async def test_what_stands_in_the_way_is_one_line(
    place: Place, pages: list[str], settings: dict[str, str], told: str
) -> None:
    place.ccm.configurations["7"] = 500

    pulled = await place.terminal.having(**settings).run("channels", "pull", *pages)

    assert pulled.status == 1
    assert told in pulled.err
    assert len(pulled.err.splitlines()) == 1
