"""Failures in words: the reason, a sentence for people, and the metadata that each reason promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.values import Failure, LaneHead, SendOrigin
from facebook_connector.sending.verdicts import UNCERTAIN_REASON, Verdict
from facebook_connector.sending.window import WindowClosed

WINDOW_REASON = "OUTSIDE_MESSAGING_WINDOW"
WINDOW_DETAIL = "The customer's last action is too long ago for this message."


def rfc3339(time_ms: int) -> str:
    """The time as text in UTC: `2026-11-23T09:30:00Z`, with milliseconds only where there are any."""
    whole = datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{time_ms % 1000:03d}Z" if time_ms % 1000 else f"{whole}Z"


def expired(expire_time_ms: int) -> Failure:
    """The message was still waiting when its time to live ended."""
    return Failure(
        reason="EXPIRED",
        detail="The message was still waiting when its time to live ended; it was not sent, or not wholly.",
        metadata={"expire_time": rfc3339(expire_time_ms)},
    )


def cancelled(actor: str) -> Failure:
    """An operator ended the message while it waited."""
    return Failure(
        reason="CANCELLED",
        detail="An operator cancelled the message; what of it was not sent yet did not go out.",
        metadata={"actor": actor},
    )


def channel_gone(page_id: str) -> Failure:
    """The channel was deleted while the message waited."""
    return Failure(
        reason="CHANNEL_NOT_FOUND",
        detail="The channel was deleted while the message waited.",
        metadata={"page_id": page_id},
    )


def no_target(cim_id: str) -> Failure:
    """A reaction is on a message that Messenger does not know, or not yet."""
    return Failure(
        reason="MESSAGE_NOT_FOUND",
        detail="The message to react to is not known: it was not received or sent here, or not sent yet.",
        metadata={"id": cim_id},
    )


def channel_stopped(page_id: str, reason: str) -> Failure:
    """The channel is stopped, and what cannot wait is not done."""
    return Failure(
        reason=reason,
        detail="The channel is stopped; an action that shows nothing lasting does not wait until it is started.",
        metadata={"page_id": page_id, "provider_code": "", "provider_subcode": ""},
    )


def window_closed(head: LaneHead, closed: WindowClosed, *, human_agent_enabled: bool) -> Failure:
    """The window closed while the message waited."""
    metadata = window_metadata(
        head.lane.page_id, head.origin, closed.close_time_ms, human_agent_enabled=human_agent_enabled
    )
    return Failure(reason=WINDOW_REASON, detail=WINDOW_DETAIL, metadata=metadata)


def window_metadata(
    page_id: str, origin: SendOrigin, close_time_ms: int | None, *, human_agent_enabled: bool
) -> Mapping[str, str]:
    """What `OUTSIDE_MESSAGING_WINDOW` promises; the closing time is empty when no action of the customer is known."""
    return {
        "page_id": page_id,
        "origin": origin.value,
        "human_agent_enabled": str(human_agent_enabled).lower(),
        "window_close_time": "" if close_time_ms is None else rfc3339(close_time_ms),
    }


def uncertain(part_index: int) -> Failure:
    """It could not be found out whether the part went out."""
    return Failure(
        reason=UNCERTAIN_REASON,
        detail="Whether Facebook took the message could not be found out; it was not sent again.",
        metadata={"part_index": str(part_index)},
        part_index=part_index,
    )


def unavailable(page_id: str, part_index: int) -> Failure:
    """Facebook's answers were lost each time, and the conversation shows that the part never went out."""
    return Failure(
        reason="PROVIDER_UNAVAILABLE",
        detail="Facebook answered none of the calls, and the conversation shows that the message did not go out.",
        metadata={"page_id": page_id},
        part_index=part_index,
    )


def refused(
    verdict: Verdict, error: GraphError | None, *, part_index: int | None, metadata: Mapping[str, str]
) -> Failure:
    """Facebook refused the part, or an action, which has no index.

    `metadata` is what the reason promises beside Facebook's codes.
    """
    codes = {"provider_code": _text(error.code), "provider_subcode": _text(error.subcode)} if error else {}
    return Failure(
        reason=verdict.reason,
        detail=verdict.detail,
        provider_code=error.code if error else None,
        provider_subcode=error.subcode if error else None,
        provider_trace_id=error.trace_id if error else "",
        metadata={**metadata, **codes},
        part_index=part_index,
    )


def in_words(verdict: Verdict, error: GraphError | None) -> str:
    """The verdict's sentence with Facebook's codes, for the history."""
    if error is None:
        return verdict.detail
    subcode = "" if error.subcode is None else f"/{error.subcode}"
    return f"{verdict.detail} (Facebook error {error.code}{subcode}, trace {error.trace_id or 'none'})"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
