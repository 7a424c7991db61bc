"""What an operator is told when Facebook refuses a call about a page, or does not answer. Pure.

These calls may all be repeated, so that an answer which would leave a message in doubt only means: try again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import GraphUnreachableError
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error

THROTTLE_DELAY_MS = 60_000
"""How long to wait when Facebook names no time."""

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = range(500, 600)

REASONS: Mapping[ErrorClass, str] = MappingProxyType(
    {
        ErrorClass.TOKEN: "PAGE_TOKEN_REJECTED",
        ErrorClass.APP_SECRET: "PAGE_TOKEN_REJECTED",
        ErrorClass.RESTRICTED: "PAGE_RESTRICTED",
        ErrorClass.ABUSE: "PAGE_RESTRICTED",
        ErrorClass.PERMISSION: "PAGE_PERMISSION_MISSING",
        ErrorClass.THROTTLE: "PROVIDER_THROTTLED",
        ErrorClass.AMBIGUOUS: "PROVIDER_UNAVAILABLE",
    }
)
"""Classes that mean the same for a call about a page as for a message; all others are PROVIDER_REJECTED."""


DETAILS: Mapping[ErrorClass, str] = MappingProxyType(
    {
        ErrorClass.CONTENT: "Facebook refused a parameter of the call.",
        ErrorClass.AMBIGUOUS: "Facebook reported a temporary failure.",
    }
)
"""Sentences in place of those that speak of a message."""


def refused(page_id: str, reply: GraphReply) -> ConnectorError:
    """The error of an answer that is not `ok`."""
    reason = _reason(reply)
    detail = explain(reply.error) if reply.error is not None else f"Facebook answered HTTP {reply.status}."
    delay_ms = (reply.usage.regain_ms or THROTTLE_DELAY_MS) if reason == "PROVIDER_THROTTLED" else None
    return ConnectorError(reason, detail, metadata=_metadata(page_id, reply.error), retry_delay_ms=delay_ms)


def no_token(page_id: str) -> ConnectorError:
    """The error of a call that cannot be made because the channel has no page access token."""
    return ConnectorError(
        "PAGE_TOKEN_REJECTED",
        "The channel has no page access token; set one with UpdateChannel.",
        metadata=_metadata(page_id, None),
    )


def unanswered(page_id: str, error: GraphUnreachableError) -> ConnectorError:
    """The error of a call without an answer."""
    return ConnectorError(
        "PROVIDER_UNAVAILABLE", f"Facebook cannot be reached ({error.cause}).", metadata={"page_id": page_id}
    )


def explain(error: GraphError) -> str:
    """Facebook's refusal in one sentence with its numbers; its own text is not repeated, it may quote the request."""
    meaning = meaning_of_error(error)
    said = DETAILS.get(meaning.error_class, meaning.detail) if meaning else "Facebook refused the call."
    return f"{said.removesuffix('.')} ({number(error)})."


def number(error: GraphError) -> str:
    """The error's numbers as people quote them: `190/460`."""
    return f"{error.code}" if error.subcode is None else f"{error.code}/{error.subcode}"


def _metadata(page_id: str, error: GraphError | None) -> dict[str, str]:
    """The keys stand there even where Facebook gave no number: their absence would be another fact to handle."""
    subcode = error.subcode if error is not None else None
    return {
        "page_id": page_id,
        "provider_code": str(error.code) if error is not None else "",
        "provider_subcode": str(subcode) if subcode is not None else "",
    }


def _reason(reply: GraphReply) -> str:
    if reply.error is not None and (meaning := meaning_of_error(reply.error)):
        return REASONS.get(meaning.error_class, "PROVIDER_REJECTED")
    if reply.status == TOO_MANY_REQUESTS:
        return "PROVIDER_THROTTLED"
    if reply.status in SERVER_ERRORS or (reply.error is not None and reply.error.transient):
        return "PROVIDER_UNAVAILABLE"
    return "PROVIDER_REJECTED"
