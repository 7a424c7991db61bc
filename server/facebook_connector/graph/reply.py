"""Reads an answer of the Graph API: the error envelope and the usage headers. Pure.

Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling
and https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from facebook_connector.sending.graph_answers import GraphError

MINUTE_MS = 60_000
PERCENT_HEADERS = ("x-app-usage", "x-page-usage")
BUSINESS_HEADER = "x-business-use-case-usage"
PERCENT_KEYS = ("call_count", "total_cputime", "total_time")
MAX_PERCENT = 1_000
"""A pool told fuller than this counts as so full; Facebook counts to 100, and a little beyond."""
MAX_REGAIN_MINUTES = 7 * 24 * 60
"""A longer wait than a week counts as a week."""
INT32 = range(-(2**31), 2**31)
"""What the API has room for; Facebook's codes are far smaller."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of the rate limits is used up, by the headers of one answer."""

    peak_percent: int | None
    """The highest figure of all pools, 0 to `MAX_PERCENT`; None when no header came, which does not mean zero."""
    regain_ms: int
    """The longest `estimated_time_to_regain_access`, a week at most; 0 stands also beside full pools, so it does not
    mean go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphReply:
    """One answer, read."""

    status: int
    body: Mapping[str, Any]
    """The JSON object of the answer; empty when it was none."""
    error: GraphError | None
    """The error envelope, which may also stand in a 2xx."""
    usage: Usage
    version: str
    """The API version that really served the call (`facebook-api-version`); empty when not told."""

    @property
    def ok(self) -> bool:
        """Whether the call did what it was to do: a 2xx without an error."""
        return 200 <= self.status < 300 and self.error is None  # noqa: PLR2004 - HTTP's own numbers


def read_reply(status: int, headers: Mapping[str, str], content: bytes) -> GraphReply:
    """Reads an answer. `headers` has lower-case names, or ignores case."""
    body = _json_object(content)
    return GraphReply(
        status=status,
        body=body,
        error=_error(body.get("error")),
        usage=read_usage(headers),
        version=headers.get("facebook-api-version", ""),
    )


def read_usage(headers: Mapping[str, str]) -> Usage:
    """Takes the maximum over all pools of all usage headers; what cannot be read counts as absent."""
    pools = [_json_object(headers.get(name, "").encode()) for name in PERCENT_HEADERS]
    pools += _business_pools(headers.get(BUSINESS_HEADER, ""))
    percents = [pool[key] for pool in pools for key in PERCENT_KEYS if isinstance(pool.get(key), int | float)]
    minutes = [pool.get("estimated_time_to_regain_access") for pool in pools]
    longest = max((value for value in minutes if isinstance(value, int | float)), default=0)
    return Usage(
        peak_percent=int(_within(max(percents), MAX_PERCENT)) if percents else None,
        regain_ms=int(_within(longest, MAX_REGAIN_MINUTES) * MINUTE_MS),
    )


def _within(value: float, most: int) -> float:
    return min(max(value, 0), most)


def _business_pools(header: str) -> Iterator[Mapping[str, Any]]:
    for pools in _json_object(header.encode()).values():
        if isinstance(pools, list):
            yield from (pool for pool in pools if isinstance(pool, dict))


def _error(value: object) -> GraphError | None:
    """The envelope's error.

    Whatever calls itself `error` without a readable code, or with one beyond 32 bits, gets code 0: no table knows it.
    """
    if value is None:
        return None
    error = value if isinstance(value, dict) else NOTHING
    return GraphError(
        code=_integer(error.get("code")) or 0,
        subcode=_integer(error.get("error_subcode")),
        message=str(error.get("message", "")),
        transient=error.get("is_transient") is True,
        trace_id=str(error.get("fbtrace_id", "")),
    )


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if number in INT32 else None


def _json_object(content: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return NOTHING
    return value if isinstance(value, dict) else NOTHING
