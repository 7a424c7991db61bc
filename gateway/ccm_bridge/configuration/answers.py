"""What CCM is told about a push: what became of each attribute, and what is still to be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from ccm_bridge.answers import Refusal, refusal
from ccm_bridge.configuration.channels import Outcome
from connector_client import ConnectorError
from expertflow.connector.v1.channel_pb2 import ChannelState

MAY_NOT: Final = (
    "the bridge may not change channels: FBC_BRIDGE_OPERATOR_TOKEN must be one of the server's FBC_OPERATOR_TOKENS"
)
OURS: Final = frozenset({"TOKEN_MISSING", "TOKEN_INVALID", "ROLE_REQUIRED"})
"""Reasons for which the bridge, and not CCM, is to blame."""


def taken(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """The answer to a push that was stored."""
    return {"configurations": [_shown(outcome) for outcome in outcomes]}


def refused(error: ConnectorError) -> Refusal:
    """The answer to one that the server refused; a repeat does no harm, so come again unless it is CCM's fault."""
    answer = refusal(error)
    return replace(answer, detail=MAY_NOT) if error.reason in OURS else answer


def _shown(outcome: Outcome) -> dict[str, Any]:
    channel = outcome.channel
    return {
        "serviceIdentifier": outcome.plan.page_id,
        "channel": outcome.change.value,
        "resumed": outcome.resumed,
        "state": None if channel is None else ChannelState.Name(channel.state).removeprefix("CHANNEL_STATE_"),
        "attributes": [
            {"key": verdict.key, "result": verdict.reading.fate.value}
            | ({"detail": verdict.reading.detail} if verdict.reading.detail else {})
            for verdict in outcome.plan.verdicts
        ],
        "toDo": list(outcome.plan.to_do),
    }
