"""The usage headers of an answer: how full the pools of rate limits are. Pure.

Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting. The figures are per cent;
`estimated_time_to_regain_access` is minutes and may be 0 beside a full pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import orjson

APP_HEADER: Final = "X-App-Usage"
BUSINESS_HEADER: Final = "X-Business-Use-Case-Usage"
MESSENGER: Final = "messenger"
PAGES: Final = "pages"
"""The pool of reading the page itself; all else counts to `MESSENGER`."""
_COMBINATIONS: Final = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    percent: int = 1
    regain_minutes: int = 0

    def __post_init__(self) -> None:
        if self.percent < 0 or self.regain_minutes < 0:
            raise ValueError("usage: must not be negative")


QUIET: Final = Usage()


@lru_cache(maxsize=_COMBINATIONS)
def usage_headers(page_id: str, usage: Usage, pool: str = MESSENGER) -> Mapping[str, str]:
    figures = {"call_count": usage.percent, "total_cputime": 1, "total_time": 1}
    business = {"type": pool, **figures, "estimated_time_to_regain_access": usage.regain_minutes}
    return MappingProxyType(
        {
            APP_HEADER: orjson.dumps({"call_count": usage.percent, "total_time": 1, "total_cputime": 1}).decode(),
            BUSINESS_HEADER: orjson.dumps({page_id: [business]}).decode(),
        }
    )
