from __future__ import annotations

import pytest

from connector_cli.channel_options import RESETTABLE, channel_of, given, update_of
from connector_cli.channel_secrets import APP_SECRET, VERIFY_TOKEN
from connector_cli.failures import Failure
from expertflow.connector.v1.channel_pb2 import Channel
from facebook_connector.channels import rules


def test_everything_that_can_be_changed_can_be_reset() -> None:
    assert set(RESETTABLE) == rules.UPDATABLE


def test_only_what_stood_on_the_command_line_is_given() -> None:
    assert given(app_id="1", tenant_id=None, allow_custom=False, edited_marker="") == {
        "app_id": "1",
        "allow_custom": False,
        "edited_marker": "",
    }


def test_a_channel_with_settings_of_each_type() -> None:
    channel = channel_of("1", {"app_id": "2", "human_agent_enabled": True, "wanted_fields": "messages, standby,"})

    assert channel == Channel(page_id="1", app_id="2", human_agent_enabled=True, wanted_fields=["messages", "standby"])


def test_an_update_names_exactly_what_changes() -> None:
    request = update_of("1", {"allow_custom": False}, {APP_SECRET: "new,old"}, ["tenant_id"])

    assert request.update_mask.paths == ["allow_custom", "secrets.app_secrets", "tenant_id"]
    assert request.channel == Channel(page_id="1")
    assert request.secrets.app_secrets == ["new", "old"]


def test_an_empty_marker_is_present_and_empty() -> None:
    assert update_of("1", {"edited_marker": ""}, {}, []).channel.HasField("edited_marker")


def test_no_wanted_field_means_the_default() -> None:
    request = update_of("1", {"wanted_fields": ""}, {}, [])

    assert request.channel == Channel(page_id="1")
    assert request.update_mask.paths == ["wanted_fields"]


@pytest.mark.parametrize(
    ("settings", "reset", "problem"),
    [
        ({}, [], "nothing to change"),
        ({}, ["page_id"], "--reset page_id: must be one of tenant_id"),
        ({"app_id": "1"}, ["app_id"], "--reset app_id: it is given a value as well"),
    ],
)
def test_an_update_that_makes_no_sense_is_refused(
    settings: dict[str, str | bool], reset: list[str], problem: str
) -> None:
    with pytest.raises(Failure, match=f"^{problem}"):
        update_of("1", settings, {}, reset)


def test_a_secret_cannot_be_set_and_removed_at_once() -> None:
    with pytest.raises(Failure, match="given a value"):
        update_of("1", {}, {VERIFY_TOKEN: "v"}, ["secrets.verify_token"])
