from __future__ import annotations

import pytest

from benchmarks.scenarios.ours import spelled


@pytest.mark.parametrize(
    ("conversations", "expected"),
    [(1, "1 conversation"), (64, "64 conversations"), (10_000, "10\N{NARROW NO-BREAK SPACE}000 conversations")],
)
def test_conversations_are_spelled_as_in_the_table(conversations: int, expected: str) -> None:
    assert spelled(conversations) == expected
