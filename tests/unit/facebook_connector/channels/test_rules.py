from __future__ import annotations

from typing import Any

import pytest

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.channels import rules
from facebook_connector.errors import ConnectorError

CANARY = "EAAcanary"
OUTPUT_ONLY = {
    "state",
    "state_reason",
    "state_time",
    "app_secret_count",
    "page_access_token_set",
    "verify_token_set",
    "create_time",
    "update_time",
}


def check(secrets: dict[str, Any] | None = None, request_id: str = "", **channel: Any) -> None:
    rules.require_valid(Channel(page_id="1001", **channel), ChannelSecrets(**(secrets or {})), request_id)


def faults(secrets: dict[str, Any] | None = None, request_id: str = "", **channel: Any) -> list[str]:
    with pytest.raises(ConnectorError) as raised:
        check(secrets, request_id, **channel)
    error = raised.value
    assert error.reason == "INVALID_FIELD"
    assert error.metadata["field"] == error.violations[0].field
    assert CANARY not in f"{error} {error.violations}"
    return [violation.field for violation in error.violations]


def test_every_field_of_a_channel_is_a_setting_or_output_only() -> None:
    fields = {field.name for field in Channel.DESCRIPTOR.fields}

    assert set(rules.SETTINGS) | OUTPUT_ONLY | {"page_id", "etag"} == fields


def test_every_secret_of_the_proto_may_be_updated() -> None:
    assert set(rules.SECRETS) == {field.name for field in ChannelSecrets.DESCRIPTOR.fields}


def test_defaults_take_the_place_of_what_is_empty() -> None:
    assert rules.settings_of(Channel(page_id="1001")) == {
        "tenant_id": "expertflow",
        "app_id": "",
        "graph_version": "",
        "human_agent_enabled": False,
        "allow_custom": False,
        "allow_unsigned": False,
        "edited_marker": None,
        "default_prompt": None,
        "wanted_fields": (),
    }


def test_an_empty_edited_marker_is_not_an_absent_one() -> None:
    assert rules.settings_of(Channel(edited_marker=""))["edited_marker"] == ""


def test_only_named_settings_are_taken() -> None:
    channel = Channel(tenant_id="north", wanted_fields=["messages", "feed", "messages"])

    assert rules.settings_of(channel, ["wanted_fields"]) == {"wanted_fields": ("feed", "messages")}


@pytest.mark.parametrize("page_id", ["", "12a", "1" * 33, "１２", "1001\n", "-1"])
def test_a_page_id_is_digits(page_id: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        rules.require_page_id(page_id)

    assert raised.value.metadata == {"field": "page_id"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenant_id", "two words"),
        ("tenant_id", "t" * 65),
        ("app_id", "app"),
        ("graph_version", "25.0"),
        ("graph_version", "v25"),
        ("edited_marker", "e" * 101),
        ("default_prompt", "p" * 641),
        ("default_prompt", "p\0"),
        ("wanted_fields", ["messages", "Messages,feed"]),
        ("wanted_fields", ["messages"] * 101),
    ],
)
def test_settings_have_limits(name: str, value: Any) -> None:
    assert faults(**{name: value}) == [f"channel.{name}"]


def test_settings_within_their_limits() -> None:
    check(tenant_id="north-1", app_id="5001", graph_version="v25.0", wanted_fields=["messages"])


@pytest.mark.parametrize(
    ("secrets", "field"),
    [
        ({"page_access_token": "********"}, "secrets.page_access_token"),
        ({"page_access_token": f"{CANARY}\n"}, "secrets.page_access_token"),
        ({"page_access_token": CANARY * 250}, "secrets.page_access_token"),
        ({"verify_token": "***"}, "secrets.verify_token"),
        ({"app_secrets": [CANARY, ""]}, "secrets.app_secrets[1]"),
        ({"app_secrets": [f"{CANARY} x"]}, "secrets.app_secrets[0]"),
        ({"app_secrets": [CANARY] * 6}, "secrets.app_secrets"),
        ({"app_secrets": ["s" * 257]}, "secrets.app_secrets[0]"),
    ],
)
def test_secrets_have_limits_and_are_not_repeated(secrets: dict[str, Any], field: str) -> None:
    assert faults(secrets) == [field]


def test_secrets_within_their_limits() -> None:
    check({"page_access_token": CANARY, "app_secrets": ["one", "two"], "verify_token": "two words"})


def test_all_faults_are_told_at_once() -> None:
    assert faults({"verify_token": "*"}, "r" * 129, app_id="x") == [
        "channel.app_id",
        "secrets.verify_token",
        "request_id",
    ]


def test_of_a_change_only_what_its_mask_names_is_judged() -> None:
    channel, secrets = Channel(page_id="1001", tenant_id="two words", app_id="x"), ChannelSecrets(verify_token="*")

    with pytest.raises(ConnectorError) as raised:
        rules.require_valid(channel, secrets, "", {"app_id", "secrets.app_secrets"})

    assert [violation.field for violation in raised.value.violations] == ["channel.app_id"]


def test_a_mask_names_settings_and_secrets() -> None:
    assert rules.require_mask(["tenant_id", "secrets.app_secrets"]) == {"tenant_id", "secrets.app_secrets"}


@pytest.mark.parametrize("paths", [[], ["*"], ["page_id"], ["state"], ["etag"], ["secrets"], ["tenant_id", "nothing"]])
def test_a_mask_that_is_empty_or_names_anything_else(paths: list[str]) -> None:
    with pytest.raises(ConnectorError) as raised:
        rules.require_mask(paths)

    assert raised.value.metadata == {"field": "update_mask"}
