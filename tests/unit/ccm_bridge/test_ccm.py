from __future__ import annotations

import aiohttp
import pytest

from ccm_bridge.ccm import cause_of


def test_every_way_to_fail_has_a_word() -> None:
    kinds = [kind for kind in vars(aiohttp.client_exceptions).values() if isinstance(kind, type)]
    errors = [kind.__new__(kind) for kind in kinds if issubclass(kind, aiohttp.ClientError | OSError)]

    assert len(errors) > 15
    assert all(cause_of(error).isidentifier() for error in errors)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (aiohttp.ServerTimeoutError(), "timeout"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError(), "connection"),
        (aiohttp.ServerDisconnectedError(), "disconnected"),
        (aiohttp.ClientPayloadError(), "cut_short"),
        (aiohttp.InvalidURL("x"), "protocol"),
    ],
)
def test_a_failure_is_called(error: Exception, word: str) -> None:
    assert cause_of(error) == word
