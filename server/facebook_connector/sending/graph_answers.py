"""What came back of a call to Facebook: an answer with or without an error, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """Facebook's error envelope. Decide on `code` and `subcode`: the text is localised and changes.

    One refusal can only be told by its text, see `graph_errors.PROOF_REFUSALS`. Source: https://developers.facebook.com/docs/graph-api/guides/error-handling
    """

    code: int
    subcode: int | None
    message: str
    """May repeat what was sent: never log it, never store it."""
    transient: bool
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Facebook, or something before it, answered a call of the Send API."""

    status: int
    """The HTTP status. A 2xx may hold an error all the same."""
    message_id: str = ""
    """Empty when the answer holds none."""
    error: GraphError | None = None
    regain_ms: int = 0
    """How long the usage headers ask to wait; 0: they do not say, which does not mean go on."""
    usage_percent: int | None = None
    """How full the fullest rate limit is, by the usage headers; None: they do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """No answer came."""

    bytes_left: bool
    """Whether any byte of the call may have reached Facebook: then nobody knows what it did."""
    cause: str
    """For operators: `CONNECT`, `READ_TIMEOUT`, …"""


SendAnswer: TypeAlias = Answered | Unanswered
