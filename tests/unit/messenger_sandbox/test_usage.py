from __future__ import annotations

import orjson
import pytest

from messenger_sandbox.usage import APP_HEADER, BUSINESS_HEADER, Usage, usage_headers


def test_the_headers_are_shaped_as_facebooks() -> None:
    headers = usage_headers("104", Usage(percent=97, regain_minutes=12))
    assert orjson.loads(headers[APP_HEADER]) == {"call_count": 97, "total_time": 1, "total_cputime": 1}
    assert orjson.loads(headers[BUSINESS_HEADER]) == {
        "104": [
            {
                "type": "messenger",
                "call_count": 97,
                "total_cputime": 1,
                "total_time": 1,
                "estimated_time_to_regain_access": 12,
            }
        ]
    }


def test_a_pool_is_never_emptier_than_empty() -> None:
    with pytest.raises(ValueError, match="negative"):
        Usage(percent=-1)
