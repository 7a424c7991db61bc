from __future__ import annotations

import pytest

from facebook_connector.channels.paging import page_limit, start_after, token_after
from facebook_connector.errors import ConnectorError


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (1000, 1000), (5000, 1000)])
def test_the_size_has_a_default_and_a_maximum(asked: int, given: int) -> None:
    assert page_limit(asked) == given


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ConnectorError) as raised:
        page_limit(-1)

    assert raised.value.metadata == {"field": "page_size"}


def test_a_token_leads_on() -> None:
    assert start_after(token_after("1001", "north"), "north", "ListChannels") == "1001"


def test_without_a_token_from_the_beginning() -> None:
    assert start_after("", "north", "ListChannels") == ""


@pytest.mark.parametrize(
    "token", ["x", "WzE=", "bnVsbA==", "WzEsMl0=", "WyIiLCIiXQ==", "%%%", "schlüssel", token_after("1001", "south")]
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        start_after(token, "north", "ListChannels")

    assert (raised.value.reason, raised.value.metadata) == ("PAGE_TOKEN_INVALID", {"method": "ListChannels"})
