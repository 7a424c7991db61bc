"""Operators at a terminal: the quarantine, erasing a customer, and who did what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.inbound_records import PAGE, PSID
from tests.support.operators import Operators, running_operators
from tests.support.quarantined import body, quarantined, said
from tests.support.terminal import Terminal

pytestmark = pytest.mark.e2e


@pytest.fixture
async def operators(tmp_path: Path) -> AsyncIterator[Operators]:
    async with running_operators(tmp_path / "data", f"sqlite:///{tmp_path / 'connector.db'}") as running:
        yield running


@pytest.fixture
def terminal(tmp_path: Path, operators: Operators) -> Terminal:
    return Terminal(tmp_path, {"FBC_SERVER": operators.address, "FBC_TOKEN": "anna-token"})


async def told(terminal: Terminal, *arguments: str) -> str:
    """What a command that succeeds prints."""
    ended = await terminal.run(*arguments)
    assert ended.status == 0, ended
    return ended.out


async def test_the_quarantine_is_looked_at_and_emptied(operators: Operators, terminal: Terminal) -> None:
    await operators.ingest(quarantined(said("hello"), "UNKNOWN_PAGE"), quarantined(b"{no json", "NOT_JSON", page_id=""))
    listed = await told(terminal, "quarantine", "list")
    chosen = json.loads(await told(terminal, "quarantine", "list", "--reason", "UNKNOWN_PAGE", "--json"))
    number = chosen["entries"][0]["id"]
    shown = await told(terminal, "quarantine", "show", number)
    raw = await told(terminal, "quarantine", "show", number, "--raw")
    missing = await terminal.run("quarantine", "show", "99")
    await operators.add_channel()
    retranslated = await told(terminal, "quarantine", "retranslate")
    unknown = await terminal.run("quarantine", "retranslate", "99")

    assert [line.split()[2] for line in listed.splitlines()[1:]] == ["NOT_JSON", "UNKNOWN_PAGE"]
    assert "hello" not in listed
    assert "hello" in shown
    assert json.loads(raw) == said("hello")
    assert missing.complaint.startswith("no quarantine entry 99")
    assert retranslated.splitlines() == [
        "1 entries left the quarantine: 1 events stored",
        "1 stay: NOT_JSON",
    ]
    assert unknown.complaint.startswith("QUARANTINE_ENTRY_NOT_FOUND: ")
    assert "quarantine list" in unknown.complaint


async def test_a_customer_is_erased_only_if_meant_and_it_is_written_down(
    operators: Operators, terminal: Terminal
) -> None:
    await operators.add_channel()
    customer = said("hello")
    customer["sender"]["id"] = PSID
    await operators.ingest(quarantined(body(customer), "NOT_JSON", page_id="", entry_list=""))
    await told(terminal, "quarantine", "retranslate")

    unasked = await terminal.run("erase", PAGE, PSID)
    erased = await told(terminal, "erase", PAGE, PSID, "--yes")
    audit = await told(terminal, "audit", "--action", "EraseCustomer", "--since", "1h")
    nobody = await told(terminal, "audit", "--actor", "ben")

    assert "--yes" in unasked.complaint
    assert erased == f"customer {PSID} is erased: 1 events, 0 messages to them, 0 media\n"
    assert audit.splitlines()[1].split()[1:4] == ["anna", "EraseCustomer", f"{PAGE}/{PSID}"]
    assert nobody == "nothing is written down\n"


async def test_figures_are_shown(operators: Operators, terminal: Terminal) -> None:
    await operators.add_channel()
    await operators.ingest(quarantined(said("hello")))
    shown = await told(terminal, "stats")
    figures = json.loads(await told(terminal, "stats", "--json"))
    unknown = await terminal.run("stats", "--subscription", "nobody")

    assert "1 UNTRANSLATABLE" in shown
    assert "ccm" in shown
    assert [channel["page_id"] for channel in figures["channels"]] == [PAGE]
    assert unknown.complaint.startswith("SUBSCRIPTION_NOT_FOUND: ")
