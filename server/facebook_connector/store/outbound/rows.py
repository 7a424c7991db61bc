"""How the warnings and the failure of an outbound message lie in its row: as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import orjson

from facebook_connector.sending.values import Failure, SendWarning


def warnings_text(warnings: Iterable[SendWarning]) -> str:
    """Warnings as they are kept."""
    return orjson.dumps([asdict(warning) for warning in warnings]).decode()


def read_warnings(text: str) -> tuple[SendWarning, ...]:
    """The inverse of `warnings_text`."""
    return tuple(SendWarning(**warning) for warning in orjson.loads(text))


def failure_text(failure: Failure | None) -> str | None:
    """A failure as it is kept."""
    if failure is None:
        return None
    return orjson.dumps({**asdict(failure), "metadata": dict(failure.metadata)}).decode()


def read_failure(text: str | None) -> Failure | None:
    """The inverse of `failure_text`."""
    return None if text is None else Failure(**orjson.loads(text))
