from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from pathlib import Path

import httpx
import pytest

from messenger_sandbox import (
    ALWAYS,
    FAULTS,
    EntryKind,
    Filter,
    Outcome,
    RunningSandbox,
    Sandbox,
    SandboxConfig,
    ScriptedFault,
    read_journal,
    run,
    seen_by,
)
from messenger_sandbox.people import PAGE_INBOX_APP_ID
from tests.support.sandbox_world import PAGE_ID, PAGE_TOKEN, PSID
from tests.support.webhook_receiver import webhook_receiver

SEND = {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": "hi"}}
BEARER = {"Authorization": f"Bearer {PAGE_TOKEN}"}


async def send(running: RunningSandbox, *, timeout_s: float = 5) -> httpx.Response:
    async with httpx.AsyncClient(base_url=running.base_url, trust_env=False, timeout=timeout_s) as client:
        return await client.post(f"/v25.0/{PAGE_ID}/messages", json=SEND, headers=BEARER)


async def test_a_conversation_over_real_ports(config: SandboxConfig, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    async with webhook_receiver() as receiver:
        settings = dataclasses.replace(config, callback_url=receiver.url, journal_file=file)
        async with Sandbox(settings).serve() as running:
            assert await running.person(PSID).says("hello") is Outcome.DELIVERED
            assert (await send(running)).status_code == 200
            await running.sender.settle()
            assert running.person(PSID).saw == ("hi",)
        assert [item["message"]["text"] for got in receiver.received for item in got.items] == ["hello", "hi"]
    assert seen_by(read_journal(file), PSID) == ("hi",)
    assert b"canary" not in file.read_bytes()


async def test_an_answer_typed_in_the_inbox_is_echoed_as_anothers(config: SandboxConfig) -> None:
    async with webhook_receiver() as receiver:
        async with Sandbox(dataclasses.replace(config, callback_url=receiver.url)).serve() as running:
            await running.types_in_inbox(PSID, "from the inbox")
            assert running.journal.seen_by(PSID) == ("from the inbox",)
        assert receiver.received[0].items[0]["message"]["app_id"] == PAGE_INBOX_APP_ID


async def test_a_taken_port_is_an_error(config: SandboxConfig) -> None:
    async with Sandbox(config).serve() as running:
        taken = dataclasses.replace(config, port=int(running.base_url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            async with Sandbox(taken).serve():
                pass


async def test_a_caller_that_gives_up_does_not_keep_the_sandbox_from_closing(config: SandboxConfig) -> None:
    settings = dataclasses.replace(config, sleep=asyncio.sleep, grace_s=0)
    async with asyncio.timeout(10), Sandbox(settings).serve() as running:
        running.person(PSID).says("hello")
        running.script_fault("silence_after_taken")
        with pytest.raises(httpx.ReadTimeout):
            await send(running, timeout_s=0.1)
        assert running.person(PSID).saw == ("hi",)


@pytest.mark.parametrize(("name", "seen"), [("reset", ()), ("reset_after_taken", ("hi",))])
async def test_a_connection_can_be_reset(config: SandboxConfig, name: str, seen: tuple[str, ...]) -> None:
    async with Sandbox(config).serve() as running:
        running.person(PSID).says("hello")
        running.script_fault(name)
        with pytest.raises(httpx.RemoteProtocolError):
            await send(running)
        assert running.person(PSID).saw == seen
        [told] = running.journal.entries(Filter(kind=EntryKind.SEND_ANSWERED))
        assert (told.details["fault"], told.details["status"]) == (name, None)


async def test_the_configuration_may_script_faults(config: SandboxConfig) -> None:
    rule = ScriptedFault(name="temporary", fault=FAULTS["temporary"], times=ALWAYS)
    async with Sandbox(dataclasses.replace(config, faults=(rule,))).serve() as running:
        running.person(PSID).says("hello")
        assert [(await send(running)).status_code for _ in range(2)] == [500, 500]


async def test_the_processs_signals_stay_with_whoever_embeds_the_sandbox(config: SandboxConfig) -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with Sandbox(config).serve():
        assert signal.getsignal(signal.SIGTERM) is before


async def test_nothing_is_left_behind(config: SandboxConfig) -> None:
    before = asyncio.all_tasks()
    async with webhook_receiver() as receiver:
        receiver.speaks.clear()
        async with Sandbox(dataclasses.replace(config, callback_url=receiver.url)).serve() as running:
            running.person(PSID).says("stuck")
            await receiver.has_received(1)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_serves_until_a_signal(config: SandboxConfig, number: signal.Signals) -> None:
    addresses: asyncio.Queue[str] = asyncio.Queue()
    command = asyncio.create_task(run(config, announce=lambda running: addresses.put_nowait(running.base_url)))
    base_url = await addresses.get()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{base_url}/v25.0/me", headers=BEARER)).status_code == 200
    os.kill(os.getpid(), number)
    async with asyncio.timeout(10):
        await command


def test_an_app_id_is_digits(config: SandboxConfig) -> None:
    with pytest.raises(ValueError, match="digits"):
        dataclasses.replace(config, app_id="app")


def test_a_journal_keeps_at_least_one_entry(config: SandboxConfig) -> None:
    with pytest.raises(ValueError, match="journal_kept"):
        dataclasses.replace(config, journal_kept=0)


def test_no_secret_stands_in_the_configurations_repr(config: SandboxConfig) -> None:
    assert "canary" not in repr(config)
