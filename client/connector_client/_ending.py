"""How a streaming call ended, in the server's words.

grpc.aio reports INTERNAL instead of the server's status when a write meets the end of the call
(https://github.com/grpc/grpc/issues/36066): a client would come back where it was told not to. The true status is
there for a moment, when the call's callbacks run; that is when it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import grpc

from connector_client._errors import ConnectorError, error_of_status

MASK = "Internal error from Core"
"""The details of the status that grpc.aio puts in the place of the true one."""

PATIENCE_S = 1.0
"""The true status comes before the mask or right after it; where it never comes the mask is all there is."""

Value = TypeVar("Value")


class Ending:
    """Watches one call; make it before anything is written."""

    def __init__(self, call: grpc.aio.Call) -> None:
        self._error: grpc.aio.AioRpcError | None = None
        self._kept = asyncio.Event()
        call.add_done_callback(self._keep)

    async def of(self, seen: grpc.aio.AioRpcError) -> ConnectorError:
        """What the server said, given what reading raised."""
        if seen.code() is not grpc.StatusCode.INTERNAL or seen.details() != MASK:
            return error_of_status(seen)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._kept.wait()
        except TimeoutError:
            return error_of_status(seen)
        return error_of_status(self._error or seen)

    def _keep(self, call: grpc.aio.Call) -> None:
        details = _present(call.details())
        if self._error is None and details != MASK:
            code, trailing = _present(call.code()), _present(call.trailing_metadata())
            self._error = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, details=details)
            self._kept.set()


def _present(answer: Coroutine[Any, Any, Value]) -> Value:
    """The value of a coroutine that has nothing to wait for: in a callback the status is there."""
    try:
        answer.send(None)
    except StopIteration as stop:
        value: Value = stop.value
        return value
    raise RuntimeError("grpc.aio called back without a status")
