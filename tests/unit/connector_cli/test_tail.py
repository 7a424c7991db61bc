from __future__ import annotations

from typing import Any

import pytest

from connector_cli.tail import HELD, LOOKING, TAKING, Kind, Wishes, _watch
from connector_client import EventKind
from expertflow.connector.v1.inbound_pb2 import InboundStart
from tests.support.scripted_connector import ScriptedConnector, Wire, serving


class Script:
    """Delivers these messages and notes what the client says."""

    def __init__(self, *ack_ids: str) -> None:
        self.ack_ids = ack_ids
        self.start = InboundStart()
        self.frames: list[Any] = []

    async def __call__(self, wire: Wire) -> None:
        self.start = await wire.start()
        await wire.deliver(*self.ack_ids)
        async for frame in wire.frames:
            self.frames.append(frame)
            await wire.answer(frame.ack.ack_ids or frame.nack.ack_ids)


async def watch(script: Script, monkeypatch: pytest.MonkeyPatch, **wishes: Any) -> None:
    nothing: dict[str, Any] = {"subscription": "ccm", "page_ids": (), "kinds": (), "ack": False, "json": False}
    async with serving(ScriptedConnector(script)) as address:
        monkeypatch.setenv("FBC_SERVER", address)
        await _watch(Wishes(**{**nothing, "limit": len(script.ack_ids), **wishes}))


def test_every_kind_that_a_consumer_may_ask_for_can_be_chosen() -> None:
    never_delivered = {EventKind.UNSPECIFIED, EventKind.ECHO}

    assert {EventKind[kind.name] for kind in Kind} == set(EventKind) - never_delivered


async def test_the_stream_asks_for_what_was_chosen_and_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script("a1")

    await watch(script, monkeypatch, subscription="crm", page_ids=("1001",), kinds=(Kind.PAGE_EVENT, Kind.RECEIPT))

    assert script.start.subscription == "crm"
    assert script.start.client_id.startswith("tail-")
    assert list(script.start.page_ids) == ["1001"]
    assert [EventKind(kind) for kind in script.start.kinds] == [EventKind.PAGE_EVENT, EventKind.RECEIPT]
    assert script.start.window.max_messages == HELD


async def test_nothing_is_acknowledged_and_all_is_given_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script("a1", "a2")

    await watch(script, monkeypatch)

    assert sorted(ack_id for frame in script.frames for ack_id in frame.nack.ack_ids) == ["a1", "a2"]
    assert not any(frame.HasField("ack") for frame in script.frames)
    told = capsys.readouterr()
    assert told.err == LOOKING.format(subscription="ccm") + "\n"
    assert "cim-a1" in told.out


async def test_told_to_it_acknowledges_what_it_showed_and_gives_back_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script("a1", "a2")

    await watch(script, monkeypatch, ack=True, limit=1)

    assert [ack_id for frame in script.frames for ack_id in frame.ack.ack_ids] == ["a1"]
    assert [ack_id for frame in script.frames for ack_id in frame.nack.ack_ids] == ["a2"]
    assert capsys.readouterr().err == TAKING.format(subscription="ccm") + "\n"


async def test_it_says_when_it_holds_so_much_that_no_more_can_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await watch(Script(*(f"a{number}" for number in range(HELD))), monkeypatch)

    assert f"{HELD} messages are held" in capsys.readouterr().err


def test_both_warnings_name_the_subscription_and_what_ccm_loses() -> None:
    assert "'crm'" in LOOKING.format(subscription="crm")
    assert "do not get" in LOOKING
    assert "'crm'" in TAKING.format(subscription="crm")
    assert "never get" in TAKING
