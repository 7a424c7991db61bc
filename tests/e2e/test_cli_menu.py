"""`channels menu` as an operator has it: real processes, with the sandbox as Facebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from messenger_sandbox import Sandbox
from tests.support.channels import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN, sandbox_config
from tests.support.processes import free_port
from tests.support.terminal import Terminal, read_until

pytestmark = pytest.mark.e2e

MENU = """
get_started_payload = "START"
[[persistent_menus]]
locale = "default"
items = [{ title = "Talk to us", payload = "AGENT" }]
"""


async def test_a_menu_is_set_shown_copied_and_cleared(tmp_path: Path) -> None:
    server = f"127.0.0.1:{free_port()}"
    secrets = {
        "FBC_PAGE_ACCESS_TOKEN": PAGE_TOKEN,
        "FBC_APP_SECRET": APP_SECRET,
        "FBC_VERIFY_TOKEN": VERIFY_TOKEN,
    }
    async with Sandbox(sandbox_config()).serve() as facebook:
        ports = {"FBC_LISTEN": server, "FBC_SERVER": server, "FBC_GATEWAY_LISTEN": f"127.0.0.1:{free_port()}"}
        terminal = Terminal(tmp_path, {**ports, "FBC_GRAPH_URL": facebook.base_url})
        async with terminal.started("up") as process:
            await read_until(process.stdout, "Ctrl-C ends it")
            menu = ("channels", "menu")
            await terminal.having(**secrets).run("channels", "add", PAGE_ID, "--app-id", APP_ID)
            (tmp_path / "menu.toml").write_text(MENU)
            empty = await terminal.run(*menu, "show", PAGE_ID)
            done = await terminal.run(*menu, "set", PAGE_ID, "menu.toml")
            shown = await terminal.run(*menu, "show", PAGE_ID, "--json")
            at_facebook = dict(facebook.world.profile(PAGE_ID))
            wrong = await terminal.run(*menu, "set", PAGE_ID, "-", stdin=shown.out.replace("Talk to us", "x" * 31))
            kept = await terminal.run(*menu, "clear", PAGE_ID)
            cleared = await terminal.run(*menu, "clear", PAGE_ID, "--yes")

    assert "is empty" in empty.out
    assert (done.status, done.err) == (
        0,
        f"the Messenger profile of {PAGE_ID} is changed: get_started_payload, persistent_menus\n",
    )
    assert "Talk to us   postback AGENT" in done.out
    assert json.loads(shown.out)["persistent_menus"][0]["items"] == [{"title": "Talk to us", "payload": "AGENT"}]
    assert at_facebook.keys() == {"get_started", "persistent_menu"}
    assert wrong.complaint.startswith("CONTENT_LIMIT_EXCEEDED: profile.persistent_menus[0].items[0].title has 31")
    assert "--yes" in kept.complaint
    assert cleared.status == 0
    assert facebook.world.profile(PAGE_ID) == {}
