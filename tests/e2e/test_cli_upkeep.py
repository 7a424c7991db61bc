"""Operators at a terminal: the quarantine, erasing a customer, and who did what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cim_messenger.inbound import TranslatorSettings, media_links_under, read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from tests.support.file_engine import running_file_engine
from tests.support.inbound_records import PAGE, PSID
from tests.support.media_host import PDF, running_media_host
from tests.support.operators import Operators, running_operators
from tests.support.quarantined import body, quarantined, said
from tests.support.terminal import Terminal
from tests.support.webhook_bodies import text_item, webhook

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


async def test_what_the_file_engine_has_is_named_when_a_customer_is_erased_and_missing_in_a_backup(
    tmp_path: Path,
) -> None:
    data, database = tmp_path / "data", f"sqlite:///{tmp_path / 'connector.db'}"
    async with running_media_host() as host, running_file_engine() as engine:
        there: dict[str, Any] = {"file_engine_url": engine.url, "file_engine_public_url": engine.public_url}
        async with running_operators(data, database, media_origins=host.origin, **there) as operators:
            await operators.add_channel()
            await operators.ingest(*events(host.gives("/1.pdf", PDF)))
            await operators.received(1)
            settings = {"FBC_DATA_DIR": str(data), "FBC_DATABASE_URL": database}
            terminal = Terminal(tmp_path, {"FBC_SERVER": operators.address, "FBC_TOKEN": "anna-token", **settings})
            saved = await told(terminal, "backup", "saved")
            erased = await told(terminal, "erase", PAGE, PSID, "--yes")

    (stored,) = engine.files
    assert "not in it: 1 media in the File Engine: back it up by its own means" in saved
    assert erased.splitlines()[1:] == [
        f"to be deleted in the File Engine: the file whose name begins with {stored.partition('_')[0]}_"
    ]


def events(source: str) -> list[InboundEvent]:
    """A customer sends a file."""
    item = text_item("m_1", psid=PSID, page=PAGE)
    item["message"] = {"mid": "m_1", "attachments": [{"type": "file", "payload": {"url": source}}]}
    translated = translate(read_webhook(webhook(item, page=PAGE)), TranslatorSettings(media_link=media_links_under("")))
    return [event for event in translated if isinstance(event, InboundEvent)]


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
