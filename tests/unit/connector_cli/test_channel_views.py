from __future__ import annotations

import pytest

from connector_cli import channel_views as views
from expertflow.connector.v1.channel_pb2 import (
    CHANNEL_STATE_STOPPED,
    CHECK_STATE_FAILED,
    CHECK_STATE_OK,
    CHECK_STATE_UNSPECIFIED,
    CHECK_STATE_WARNING,
    Channel,
    ChannelCheck,
    ChannelState,
    CheckState,
)
from expertflow.connector.v1.channel_service_pb2 import CheckChannelResponse, SubscribeChannelResponse


def answer(*states: CheckState, overall: CheckState) -> CheckChannelResponse:
    checks = [ChannelCheck(name=f"check{number}", state=state) for number, state in enumerate(states)]
    return CheckChannelResponse(state=overall, checks=checks)


def test_a_check_says_what_was_found_and_what_does_not_work() -> None:
    check = ChannelCheck(
        name="subscribed_fields",
        state=CHECK_STATE_WARNING,
        detail="message_reads is missing.",
        disables=["read receipts", "more"],
    )

    assert views.check_rows([check]) == [
        (
            "subscribed_fields",
            "warning",
            "message_reads is missing. Does not work without it: read receipts, more.",
        )
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(CHECK_STATE_OK, overall=CHECK_STATE_OK), "channel 1 works"),
        (
            answer(CHECK_STATE_OK, CHECK_STATE_WARNING, overall=CHECK_STATE_WARNING),
            "channel 1 works; look at check1",
        ),
        (
            answer(CHECK_STATE_FAILED, CHECK_STATE_WARNING, overall=CHECK_STATE_FAILED),
            "channel 1 does not work: check0",
        ),
        (answer(overall=CHECK_STATE_UNSPECIFIED), "channel 1 does not work: see above"),
    ],
)
def test_the_verdict_names_what_to_look_at(given: CheckChannelResponse, said: str) -> None:
    assert views.verdict("1", given) == said


def test_a_channel_passes_with_warnings_and_not_with_a_state_unknown_here() -> None:
    assert {CHECK_STATE_OK, CHECK_STATE_WARNING} == views.PASSING
    assert 99 not in views.PASSING


def test_a_listed_channel_shows_what_is_missing() -> None:
    channel = Channel(page_id="1", tenant_id="t", state=CHANNEL_STATE_STOPPED, state_reason="token", app_secret_count=1)

    assert views.list_rows([channel]) == [
        ("1", "stopped", "t", "-", "page access token, verify token", "token"),
    ]


def test_every_field_of_a_channel_is_shown_but_its_etag() -> None:
    empty = dict(views.channel_rows(Channel()))
    changed = Channel(
        page_id="1",
        tenant_id="t",
        app_id="2",
        graph_version="v25.0",
        human_agent_enabled=True,
        allow_custom=True,
        allow_unsigned=True,
        edited_marker="",
        default_prompt="?",
        wanted_fields=["messages"],
        state=CHANNEL_STATE_STOPPED,
        state_reason="token",
        app_secret_count=2,
        page_access_token_set=True,
        verify_token_set=True,
    )
    changed.create_time.seconds = changed.update_time.seconds = 1
    full = dict(views.channel_rows(changed))
    hidden = {"etag", "state_time"}

    assert {name for name in full if full[name] != empty.get(name)} == set(full)
    assert len(full) == len(Channel.DESCRIPTOR.fields) - len(hidden)


def test_a_subscription_names_what_facebook_refused() -> None:
    taken = SubscribeChannelResponse(subscribed_fields=["messages", "standby"])
    refused = SubscribeChannelResponse(refused_fields=["message_edits"])

    assert views.subscription_lines(taken) == ["subscribed to messages, standby"]
    assert views.subscription_lines(refused) == ["subscribed to nothing", "Facebook refused message_edits"]


@pytest.mark.parametrize("enum", [ChannelState, CheckState])
def test_every_state_is_one_word(enum: type[ChannelState | CheckState]) -> None:
    words = [views.state_word(enum, value) for value in enum.values()]

    assert all(word.isalpha() and word.islower() for word in words)
    assert len(set(words)) == len(words)


def test_a_state_newer_than_this_release_shows_its_number() -> None:
    assert views.state_word(CheckState, 99) == "99"
