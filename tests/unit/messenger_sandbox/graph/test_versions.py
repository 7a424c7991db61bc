from __future__ import annotations

import pytest

from messenger_sandbox.graph.versions import applied_version


@pytest.mark.parametrize(
    ("asked", "applied"),
    [
        ("v26.0", "v26.0"),
        ("v25.0", "v25.0"),
        ("v21.0", "v21.0"),
        ("v20.0", "v21.0"),
        ("v2.6", "v21.0"),
        ("v27.0", None),
        ("v26.1", None),
        ("25.0", None),
        ("v25", None),
        ("me", None),
    ],
)
def test_expired_versions_are_served_by_the_oldest_alive(asked: str, applied: str | None) -> None:
    assert applied_version(asked) == applied
