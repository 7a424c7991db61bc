"""Channels as the store keeps them, for tests of what is kept."""

from __future__ import annotations

from dataclasses import replace

from facebook_connector.store.channels import ChannelRow, SealedSecret
from tests.support.inbound_records import NOW_MS, PAGE

TOKEN = SealedSecret(name="page_access_token", position=0, key_id="k1", sealed=b"\x00\xff sealed")
NEW_SECRET = SealedSecret(name="app_secret", position=0, key_id="k2", sealed=b"new")
OLD_SECRET = SealedSecret(name="app_secret", position=1, key_id="k1", sealed=b"old")
VERIFY = SealedSecret(name="verify_token", position=0, key_id="k1", sealed=b"verify")


def a_row(page_id: str = PAGE, /, **changes: object) -> ChannelRow:
    """A channel with all its secrets, made at `NOW_MS`."""
    row = ChannelRow(
        page_id=page_id,
        tenant_id="expertflow",
        app_id="555",
        graph_version="v25.0",
        human_agent_enabled=True,
        allow_custom=False,
        allow_unsigned=False,
        edited_marker="",
        default_prompt=None,
        wanted_fields=("messages", "messaging_postbacks"),
        state="ACTIVE",
        stop_reason="",
        state_reason="",
        state_time_ms=NOW_MS,
        etag="1",
        create_time_ms=NOW_MS,
        update_time_ms=NOW_MS,
        secrets=(NEW_SECRET, OLD_SECRET, TOKEN, VERIFY),
    )
    return replace(row, **changes)  # type: ignore[arg-type]
