from __future__ import annotations

import pytest

from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest
from facebook_connector.channels.paging import filters_of, number_after, page_limit, start_after, token_after
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


def test_entries_that_are_numbered_give_their_number() -> None:
    assert number_after(token_after("4711", "all"), "all", "ListAuditEvents") == 4711
    assert number_after("", "all", "ListAuditEvents") is None


@pytest.mark.parametrize("last", ["x", "-1", "1" * 19, "١"])
def test_a_number_that_nobody_gave_out_is_refused(last: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        number_after(token_after(last, "all"), "all", "ListAuditEvents")

    assert raised.value.reason == "PAGE_TOKEN_INVALID"


def test_filters_are_what_a_list_was_asked_for_besides_the_page() -> None:
    asked = ListAuditEventsRequest(actor="anna")
    assert filters_of(asked) == filters_of(ListAuditEventsRequest(actor="anna", page_size=5, page_token="next"))
    assert filters_of(asked) != filters_of(ListAuditEventsRequest(action="anna"))
