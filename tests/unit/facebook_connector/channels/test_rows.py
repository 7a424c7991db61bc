from __future__ import annotations

from dataclasses import replace

import pytest

from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_ACTIVE, CHANNEL_STATE_STOPPED, Channel, ChannelSecrets
from facebook_connector.channels.rows import Change, access_of, changed_row, channel_message, new_row, stopped_row
from facebook_connector.channels.rules import UPDATABLE
from facebook_connector.channels.seal import Keyring, SealError
from facebook_connector.store.channels import ChannelRow

NOW_MS = 1_794_300_000_000
LATER_MS = NOW_MS + 1000
KEYRING = Keyring.generate()
SECRETS = ChannelSecrets(
    page_access_token="canary-token", app_secrets=["canary-new", "canary-old"], verify_token="canary"
)


@pytest.fixture
def row() -> ChannelRow:
    channel = Channel(page_id="1001", app_id="5001", wanted_fields=["messages"], edited_marker="*")
    return new_row(channel, SECRETS, KEYRING, NOW_MS)


def change(
    row: ChannelRow, *paths: str, channel: Channel | None = None, secrets: ChannelSecrets | None = None
) -> ChannelRow:
    wanted = Change(channel=channel or Channel(), secrets=secrets or ChannelSecrets(), paths=frozenset(paths))
    return changed_row(row, wanted, KEYRING, LATER_MS)


def test_a_new_channel_is_active_and_says_what_it_has(row: ChannelRow) -> None:
    channel = channel_message(row)

    assert (channel.page_id, channel.tenant_id, channel.app_id) == ("1001", "expertflow", "5001")
    assert channel.state == CHANNEL_STATE_ACTIVE
    assert (channel.app_secret_count, channel.page_access_token_set, channel.verify_token_set) == (2, True, True)
    assert channel.create_time.ToMilliseconds() == NOW_MS
    assert list(channel.wanted_fields) == ["messages"]


def test_a_channel_shows_no_secret(row: ChannelRow) -> None:
    assert "canary" not in str(channel_message(row))


def test_a_row_holds_no_secret_in_the_clear(row: ChannelRow) -> None:
    assert all(b"canary" not in secret.sealed for secret in row.secrets)


def test_absent_texts_stay_absent() -> None:
    channel = channel_message(new_row(Channel(page_id="1001"), ChannelSecrets(), KEYRING, NOW_MS))

    assert not channel.HasField("edited_marker")
    assert not channel.HasField("default_prompt")


def test_secrets_open_again_in_their_order(row: ChannelRow) -> None:
    secrets = access_of(row, KEYRING).secrets

    assert secrets.page_access_token == "canary-token"
    assert secrets.app_secrets == ("canary-new", "canary-old")
    assert secrets.verify_token == "canary"


def test_a_channel_without_secrets_opens_empty() -> None:
    row = new_row(Channel(page_id="1001"), ChannelSecrets(), KEYRING, NOW_MS)

    assert access_of(row, KEYRING).secrets.page_access_token == ""


def test_secrets_of_another_page_do_not_open(row: ChannelRow) -> None:
    with pytest.raises(SealError):
        access_of(replace(row, page_id="1002"), KEYRING)


def test_a_change_touches_only_what_its_mask_names(row: ChannelRow) -> None:
    changed = change(row, "app_id", channel=Channel(app_id="5002", tenant_id="north"))

    assert (changed.app_id, changed.tenant_id) == ("5002", "expertflow")
    assert changed.secrets == row.secrets
    assert (changed.create_time_ms, changed.update_time_ms) == (NOW_MS, LATER_MS)
    assert changed.etag != row.etag


def test_an_empty_setting_returns_to_its_default(row: ChannelRow) -> None:
    changed = change(row, "edited_marker", "wanted_fields", "app_id")

    assert (changed.edited_marker, changed.wanted_fields, changed.app_id) == (None, (), "")


def test_a_new_secret_replaces_the_one_before(row: ChannelRow) -> None:
    changed = change(row, "secrets.app_secrets", secrets=ChannelSecrets(app_secrets=["newest"], verify_token="ignored"))

    assert access_of(changed, KEYRING).secrets.app_secrets == ("newest",)
    assert access_of(changed, KEYRING).secrets.verify_token == "canary"


def test_an_empty_secret_is_removed(row: ChannelRow) -> None:
    channel = channel_message(change(row, "secrets.page_access_token", "secrets.app_secrets"))

    assert (channel.page_access_token_set, channel.app_secret_count, channel.verify_token_set) == (False, 0, True)


@pytest.mark.parametrize("path", sorted(UPDATABLE))
def test_every_path_of_a_mask_can_be_changed_to_empty(row: ChannelRow, path: str) -> None:
    assert change(row, path).etag != row.etag


def test_a_stopped_channel_says_why_and_keeps_its_etag(row: ChannelRow) -> None:
    stopped = stopped_row(row, "PAGE_TOKEN_REJECTED", "The token is dead.", LATER_MS)
    channel = channel_message(stopped)

    assert (channel.state, channel.state_reason) == (CHANNEL_STATE_STOPPED, "The token is dead.")
    assert channel.state_time.ToMilliseconds() == LATER_MS
    assert channel.etag == row.etag


def test_a_new_page_token_starts_a_stopped_channel(row: ChannelRow) -> None:
    stopped = stopped_row(row, "PAGE_TOKEN_REJECTED", "The token is dead.", NOW_MS)
    started = change(stopped, "secrets.page_access_token", secrets=ChannelSecrets(page_access_token="fresh"))

    assert (started.state, started.stop_reason, started.state_reason) == ("ACTIVE", "", "")
    assert started.state_time_ms == LATER_MS


def test_new_app_secrets_start_a_channel_that_was_stopped_for_its_credentials(row: ChannelRow) -> None:
    stopped = stopped_row(row, "PAGE_TOKEN_REJECTED", "The app secret is refused.", NOW_MS)
    started = change(stopped, "secrets.app_secrets", secrets=ChannelSecrets(app_secrets=["fresh"]))

    assert (started.state, started.stop_reason, started.state_reason) == ("ACTIVE", "", "")


def test_new_app_secrets_do_not_end_a_restriction(row: ChannelRow) -> None:
    stopped = stopped_row(row, "PAGE_RESTRICTED", "Meta has restricted the page.", NOW_MS)

    assert change(stopped, "secrets.app_secrets", secrets=ChannelSecrets(app_secrets=["fresh"])).state == "STOPPED"


@pytest.mark.parametrize("path", ["tenant_id", "secrets.app_secrets", "secrets.page_access_token"])
def test_nothing_else_starts_it(row: ChannelRow, path: str) -> None:
    stopped = stopped_row(row, "PAGE_TOKEN_REJECTED", "The token is dead.", NOW_MS)

    assert change(stopped, path).state == "STOPPED"
