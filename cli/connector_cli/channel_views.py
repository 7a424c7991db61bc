"""Channels, subscriptions and checks as a person reads them. The words come from the contract's enums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expertflow.connector.v1.channel_pb2 import Channel, ChannelCheck, ChannelState, CheckState
from expertflow.connector.v1.channel_service_pb2 import CheckChannelResponse, SubscribeChannelResponse

CHECK_HEADER = ("CHECK", "STATE", "FOUND")
LIST_HEADER = ("PAGE", "STATE", "TENANT", "APP", "MISSING", "REASON")
NOTHING = "-"

PASSING = frozenset({CheckState.CHECK_STATE_OK, CheckState.CHECK_STATE_WARNING})
"""With these a channel works. A state newer than this release is not among them."""


def check_rows(checks: Iterable[ChannelCheck]) -> list[Sequence[str]]:
    """One row per check; what does not work for its sake stands behind what was found."""
    return [(check.name, state_word(CheckState, check.state), _found(check)) for check in checks]


def verdict(page_id: str, answer: CheckChannelResponse) -> str:
    """The sum of all checks in one line."""
    bad = [check.name for check in answer.checks if check.state not in PASSING]
    if bad or answer.state not in PASSING:
        return f"channel {page_id} does not work: {', '.join(bad) or 'see above'}"
    warned = [check.name for check in answer.checks if check.state == CheckState.CHECK_STATE_WARNING]
    return f"channel {page_id} works" + (f"; look at {', '.join(warned)}" if warned else "")


def list_rows(channels: Iterable[Channel]) -> list[Sequence[str]]:
    """One row per channel."""
    return [
        (
            channel.page_id,
            state_word(ChannelState, channel.state),
            channel.tenant_id,
            channel.app_id or NOTHING,
            ", ".join(missing_secrets(channel)) or NOTHING,
            channel.state_reason,
        )
        for channel in channels
    ]


def channel_rows(channel: Channel) -> list[tuple[str, str]]:
    """One row per setting of a channel."""
    return [
        ("page", channel.page_id),
        ("state", state_word(ChannelState, channel.state)),
        *([("reason", channel.state_reason)] if channel.state_reason else []),
        ("tenant", channel.tenant_id),
        ("app id", channel.app_id or NOTHING),
        ("page access token", "set" if channel.page_access_token_set else "missing: nothing can be sent"),
        ("app secrets", str(channel.app_secret_count) if channel.app_secret_count else "missing"),
        ("verify token", "set" if channel.verify_token_set else "missing: Facebook's handshake fails"),
        ("Graph version", channel.graph_version or "that of the server"),
        ("human agent", _yes_no(on=channel.human_agent_enabled)),
        ("allow custom", _yes_no(on=channel.allow_custom)),
        ("allow unsigned", _yes_no(on=channel.allow_unsigned)),
        ("edited marker", repr(channel.edited_marker) if channel.HasField("edited_marker") else "default"),
        ("default prompt", repr(channel.default_prompt) if channel.HasField("default_prompt") else "default"),
        ("wanted fields", ", ".join(channel.wanted_fields) or "all that the connector understands"),
        ("created", channel.create_time.ToJsonString()),
        ("changed", channel.update_time.ToJsonString()),
    ]


def subscription_lines(answer: SubscribeChannelResponse) -> list[str]:
    """What the page is subscribed to, and what Facebook refused."""
    lines = [f"subscribed to {', '.join(answer.subscribed_fields) or 'nothing'}"]
    if answer.refused_fields:
        lines.append(f"Facebook refused {', '.join(answer.refused_fields)}")
    return lines


def missing_secrets(channel: Channel) -> list[str]:
    """The secrets a channel has not, in plain words."""
    present = {
        "page access token": channel.page_access_token_set,
        "app secret": channel.app_secret_count > 0,
        "verify token": channel.verify_token_set,
    }
    return [name for name, is_set in present.items() if not is_set]


def state_word(enum: type[ChannelState | CheckState], value: int) -> str:
    """The name of an enum's value as one lower-case word; a value newer than this release shows its number."""
    if value not in enum.values():
        return str(value)
    return enum.Name(value).rpartition("STATE_")[2].lower()


def _found(check: ChannelCheck) -> str:
    if not check.disables:
        return check.detail
    return f"{check.detail} Does not work without it: {', '.join(check.disables)}."


def _yes_no(*, on: bool) -> str:
    return "yes" if on else "no"
