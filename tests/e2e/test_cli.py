"""The command line as an operator has it: real processes of the console script."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector_client import ConnectorClient
from facebook_connector.store.database import open_database
from facebook_connector.store.migrate import require_current
from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from tests.support.certificates import self_signed
from tests.support.channels import ANA, APP_ID, APP_SECRET, BEN, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN, sandbox_config
from tests.support.processes import COMMAND, free_port
from tests.support.terminal import PATIENCE_S, Ended, Terminal, read_until

pytestmark = pytest.mark.e2e

SECRETS = {
    "FBC_PAGE_ACCESS_TOKEN": PAGE_TOKEN,
    "FBC_APP_SECRET": APP_SECRET,
    "FBC_VERIFY_TOKEN": VERIFY_TOKEN,
}
KEY = "k1:" + "A" * 43 + "="


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    terminal: Terminal
    server: str
    webhook: str

    async def add_channel(self) -> Ended:
        return await self.terminal.having(**SECRETS).run("channels", "add", PAGE_ID, "--app-id", APP_ID)

    async def hear(self, text: str) -> None:
        """Ana writes, and the connector has it."""
        assert await self.facebook.person(ANA).says(text) is Outcome.DELIVERED


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, {})


@asynccontextmanager
async def up(terminal: Terminal) -> AsyncIterator[Place]:
    server, gateway = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    async with Sandbox(sandbox_config()).serve() as facebook:
        running = terminal.having(FBC_LISTEN=server, FBC_GATEWAY_LISTEN=gateway, FBC_GRAPH_URL=facebook.base_url)
        async with running.started("up") as process:
            await read_until(process.stdout, "Ctrl-C ends it")
            yield Place(facebook, terminal.having(FBC_SERVER=server), server, f"http://{gateway}/webhook")


@pytest.fixture
async def place(terminal: Terminal) -> AsyncIterator[Place]:
    """A page that is set up, and customers who can write to it."""
    async with up(terminal) as place:
        added = await place.add_channel()
        assert added.status == 0, added
        await place.facebook.handshake(place.webhook)
        yield place


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_up_says_where_everything_is_and_ends_when_asked(terminal: Terminal, number: signal.Signals) -> None:
    server, gateway = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    async with terminal.having(FBC_LISTEN=server, FBC_GATEWAY_LISTEN=gateway).started("up") as process:
        told = await read_until(process.stdout, "Ctrl-C ends it")
        process.send_signal(number)
        status = await asyncio.wait_for(process.wait(), PATIENCE_S)

    assert status == 0
    assert f"http://{gateway}/webhook" in told
    assert f"FBC_SERVER={server} facebook-connector channels add" in told
    assert str(terminal.folder / "facebook-connector-data") in told


async def test_channels_add_subscribes_checks_and_says_that_it_works(terminal: Terminal) -> None:
    async with up(terminal) as place:
        added = await place.add_channel()
        subscribed = place.facebook.world.page(PAGE_ID).subscribed_fields

    assert added.status == 0
    assert f"subscribed to {', '.join(sorted(subscribed))}" in added.out
    assert "page_access_token  ok " in added.out
    assert f"channel {PAGE_ID} works" in added.out
    assert not any(secret in added.out + added.err for secret in SECRETS.values())


async def test_channels_add_with_a_token_that_facebook_refuses_says_so_and_fails(terminal: Terminal) -> None:
    async with up(terminal) as place:
        wrong = place.terminal.having(**{**SECRETS, "FBC_PAGE_ACCESS_TOKEN": "EAAwrong"})
        added = await wrong.run("channels", "add", PAGE_ID, "--app-id", APP_ID)
        repaired = await place.terminal.run(
            "channels", "update", PAGE_ID, "--secrets-from", "-", stdin=f"FBC_PAGE_ACCESS_TOKEN={PAGE_TOKEN}\n"
        )
        subscribed = await place.terminal.run("channels", "subscribe", PAGE_ID)
        checked = await place.terminal.run("channels", "check", PAGE_ID, "--json")

    assert added.status == 1
    assert "not subscribed: PAGE_TOKEN_REJECTED" in added.err
    assert f"channels update {PAGE_ID} --new-page-access-token" in added.err
    assert "page_access_token  failed " in added.out
    assert f"channel {PAGE_ID} does not work: " in added.out
    assert "Traceback" not in added.err
    assert (repaired.status, subscribed.status, checked.status) == (0, 0, 0)
    assert json.loads(checked.out)["state"] == "CHECK_STATE_OK"


async def test_a_channel_is_listed_shown_changed_and_removed(place: Place) -> None:
    listed = await place.terminal.run("channels", "list", "--json")
    changed = await place.terminal.run("channels", "update", PAGE_ID, "--human-agent", "--tenant", "north")
    shown = await place.terminal.run("channels", "show", PAGE_ID)
    kept = await place.terminal.run("channels", "remove", PAGE_ID)
    removed = await place.terminal.run("channels", "remove", PAGE_ID, "--yes")
    gone = await place.terminal.run("channels", "show", PAGE_ID)

    assert [channel["page_id"] for channel in json.loads(listed.out)["channels"]] == [PAGE_ID]
    assert changed.out == f"channel {PAGE_ID} is changed: tenant_id, human_agent_enabled\n"
    assert "human agent        yes" in shown.out
    assert "--yes" in kept.complaint
    assert removed.status == 0
    assert gone.complaint.startswith("CHANNEL_NOT_FOUND: ")
    assert not any(secret in listed.out + shown.out for secret in SECRETS.values())


async def test_tail_shows_a_message_and_gives_it_back(place: Place) -> None:
    await place.hear("Where is my parcel? \x1b[31m📦")

    first = await place.terminal.run("tail", "--limit", "1")
    again = await place.terminal.run("tail", "--limit", "1", "--json")

    assert first.status == again.status == 0
    assert f"{PAGE_ID}/{ANA}  MESSAGE   Where is my parcel? [31m📦" in first.out
    assert first.err.startswith("warning: while this runs, consumers of 'ccm' such as CCM do not get")
    received = json.loads(again.out)
    assert received["message"]["body"]["markdownText"] == "Where is my parcel? \x1b[31m📦"
    assert received["message"]["id"] in first.out
    assert received["delivery_attempt"] == 2


async def test_tail_that_is_interrupted_gives_back_what_it_showed_to_ccm(place: Place) -> None:
    await place.hear("hello")
    async with place.terminal.started("tail") as process:
        await read_until(process.stdout, "hello")
        process.send_signal(signal.SIGINT)
        status = await asyncio.wait_for(process.wait(), PATIENCE_S)

    async with ConnectorClient(place.server) as ccm, asyncio.timeout(PATIENCE_S):
        received = await anext(ccm.inbound("ccm"))

    assert status == 0
    assert received.message.body.markdown_text == "hello"


async def test_tail_takes_messages_for_good_only_when_told_to(place: Place) -> None:
    await place.hear("first")
    await place.hear("second")

    taken = await place.terminal.run("tail", "--ack", "--limit", "1")
    next_one = await place.terminal.run("tail", "--limit", "1")

    assert "first" in taken.out
    assert taken.err.startswith("warning: every message shown here is acknowledged")
    assert "second" in next_one.out


async def test_send_reaches_the_customer_once_however_often_it_is_repeated(place: Place) -> None:
    await place.hear("hello")
    send = ("send", PAGE_ID, ANA, "--id", "answer-1")

    sent = await place.terminal.run(*send, "--text", "-", stdin="It left this morning. 📦\n")
    repeated = await place.terminal.run(*send, "--text", "It left this morning. 📦", "--json")

    assert sent.status == repeated.status == 0
    assert sent.out.startswith("SENT answer-1 m_")
    assert json.loads(repeated.out)["already_accepted"] is True
    assert place.facebook.person(ANA).saw == ("It left this morning. 📦",)


async def test_send_to_somebody_who_never_wrote_fails_with_the_reason(place: Place) -> None:
    refused = await place.terminal.run("send", PAGE_ID, BEN, "--text", "hello")

    assert "OUTSIDE_MESSAGING_WINDOW" in refused.complaint


async def test_secrets_are_asked_for_and_not_shown(terminal: Terminal) -> None:
    async with up(terminal) as place:
        master, slave = pty.openpty()
        try:
            process = await asyncio.create_subprocess_exec(
                COMMAND, "channels", "add", PAGE_ID, "--app-id", APP_ID,
                cwd=terminal.folder, env=place.terminal.environment, stdin=slave, stdout=slave, stderr=slave,
                start_new_session=True,
            )  # fmt: skip
            os.close(slave)
            told = await answer_questions(master, {"access token": PAGE_TOKEN, "App secret": APP_SECRET, "Verify": "v"})
            status = await asyncio.wait_for(process.wait(), PATIENCE_S)
        finally:
            os.close(master)

    assert status == 0, told
    assert f"channel {PAGE_ID} works" in told
    assert PAGE_TOKEN not in told
    assert APP_SECRET not in told


async def answer_questions(terminal: int, answers: Mapping[str, str]) -> str:
    """Types each answer when its question stands there; returns all that was on the screen."""
    waiting = dict(answers)
    told = ""
    async with asyncio.timeout(PATIENCE_S):
        # A terminal whose last program has ended fails to be read.
        with suppress(OSError):
            while shown := await asyncio.to_thread(os.read, terminal, 4096):
                told += shown.decode(errors="replace")
                for question in [question for question in waiting if question in told and told.endswith(": ")][:1]:
                    os.write(terminal, f"{waiting.pop(question)}\n".encode())
    return told


async def test_tokens_are_asked_for_by_name_of_setting_and_role(terminal: Terminal) -> None:
    tokens = {"FBC_OPERATOR_TOKENS": "op", "FBC_CCM_TOKENS": "ccm", "FBC_GATEWAY_TOKENS": "gw"}
    async with up(terminal.having(**tokens)) as place:
        missing = await place.terminal.run("channels", "list")
        other_role = await place.terminal.having(FBC_TOKEN="ccm").run("channels", "list")
        right = await place.terminal.having(FBC_TOKEN="op").run("channels", "list")

    assert "set FBC_TOKEN to one of the server's tokens" in missing.complaint
    assert other_role.complaint.endswith("FBC_TOKEN must be one of the server's tokens for the role operator")
    assert right.status == 0


async def test_everything_speaks_tls_when_told_to(terminal: Terminal) -> None:
    files = self_signed(terminal.folder)
    ca = str(files.certificate)
    tls = {"FBC_TLS_CERTIFICATE": ca, "FBC_TLS_KEY": str(files.key), "FBC_SERVER_CA": ca}
    async with up(terminal.having(**tls)) as place:
        added = await place.add_channel()
        await place.facebook.handshake(place.webhook)
        await place.hear("hello")
        shown = await place.terminal.run("tail", "-n", "1")
        plain = await place.terminal.having(FBC_SERVER_CA="").run("channels", "list")

    assert added.status == 0
    assert "hello" in shown.out
    assert "FBC_SERVER_CA" in plain.complaint


async def test_a_server_that_does_not_answer_is_named_with_its_setting(terminal: Terminal) -> None:
    nowhere = f"127.0.0.1:{free_port()}"

    ended = await terminal.having(FBC_SERVER=nowhere).run("channels", "list")

    assert ended.complaint.startswith(f"no server answers at {nowhere} (FBC_SERVER)")


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("server", "FBC_LISTEN", "0.0.0.0:50051"),
        ("server", "FBC_DATABASE_URL", "mysql://canary@db/fbc"),
        ("gateway", "FBC_GATEWAY_LISTEN", "nonsense"),
        ("gateway", "FBC_SERVER", "connector.example:50051"),
        ("up", "FBC_SECRET_KEYS", "canary"),
        ("migrate", "FBC_DATA_DIR", "/proc/nowhere"),
    ],
)
async def test_a_broken_setting_ends_the_start_with_one_line_that_names_it(
    terminal: Terminal, command: str, name: str, value: str
) -> None:
    ended = await terminal.having(**{name: value}).run(command)

    assert ended.complaint.startswith(f"{name}: ")
    assert "canary" not in ended.err


async def test_a_second_server_on_the_same_data_is_refused(terminal: Terminal) -> None:
    async with up(terminal):
        second = await terminal.having(FBC_LISTEN="127.0.0.1:0").run("server")

    assert second.complaint.startswith("FBC_DATA_DIR: another server (process ")


async def test_postgresql_is_migrated_by_the_command_alone(terminal: Terminal, empty_postgresql_url: str) -> None:
    on_postgresql = terminal.having(
        FBC_DATABASE_URL=empty_postgresql_url, FBC_SECRET_KEYS=KEY, FBC_LISTEN="127.0.0.1:0"
    )

    too_early = await on_postgresql.run("server")
    migrated = await on_postgresql.run("migrate")
    again = await on_postgresql.run("migrate")

    assert too_early.complaint.endswith("run `facebook-connector migrate`")
    assert migrated.status == 0
    assert migrated.out.startswith("the database has schema ")
    assert again == migrated
    async with open_database(empty_postgresql_url) as database:
        await require_current(database)


async def test_the_sandbox_lets_a_customer_write(terminal: Terminal) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with terminal.started("sandbox", "--listen", listen, "--person", "7001:Ana") as process:
        told = await read_until(process.stdout, "Ctrl-C ends it")
        process.terminate()
        status = await asyncio.wait_for(process.wait(), PATIENCE_S)

    assert f"FBC_GRAPH_URL=http://{listen} FBC_MEDIA_ORIGINS=http://{listen} facebook-connector up" in told
    assert f"http://{listen}/_sandbox/people/7001/says" in told
    assert status == 0


async def test_a_port_that_is_taken_is_named(terminal: Terminal) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with terminal.started("sandbox", "--listen", listen) as process:
        await read_until(process.stdout, "Ctrl-C ends it")
        second = await terminal.run("sandbox", "--listen", listen)

    assert listen in second.complaint
