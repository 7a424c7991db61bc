"""Makes the unary calls of grpcio-testing's fake channel awaitable; that package has a blocking channel only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import grpc
import grpc_testing
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor


class AwaitableChannel:
    """Hand `channel` to a stub, and answer from the test through `take`."""

    def __init__(self, *services: ServiceDescriptor) -> None:
        self._fake = grpc_testing.channel(services, grpc_testing.strict_fake_time(0))

    @property
    def channel(self) -> grpc.aio.Channel:
        """It has unary methods; others of a stub are there and cannot be called."""
        return cast("grpc.aio.Channel", self)

    async def take(self, method: MethodDescriptor) -> tuple[dict[str, str], Any, Any]:
        """The next call of a method: its metadata, its request, and what ends it (`rpc.terminate`)."""
        metadata, request, rpc = await _in_thread(lambda: self._fake.take_unary_unary(method))
        return dict(metadata), request, rpc

    def unary_unary(self, method: str, *_: object, **__: object) -> Any:
        blocking = self._fake.unary_unary(method)

        async def call(request: object, *, timeout: float | None = None, metadata: Any = None) -> Any:  # noqa: ASYNC109 # as stubs call it
            try:
                return await _in_thread(lambda: blocking(request, timeout=timeout, metadata=metadata))
            except grpc.RpcError as error:
                status = cast("grpc.Call", error)
                trailing = grpc.aio.Metadata(*status.trailing_metadata())
                raise grpc.aio.AioRpcError(
                    status.code(), grpc.aio.Metadata(), trailing, details=status.details()
                ) from error

        return call

    def stream_stream(self, *_: object, **__: object) -> None:
        """Not for this channel."""

    async def close(self) -> None:
        """As a channel does."""


async def _in_thread(work: Callable[[], Any]) -> Any:
    """Unlike an executor's thread, this one does not keep a failed test from ending."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Any] = loop.create_future()

    def settle(finish: Callable[[Any], None], value: object) -> None:
        if not result.done():
            finish(value)

    def run() -> None:
        try:
            value = work()
        except grpc.RpcError as error:
            loop.call_soon_threadsafe(settle, result.set_exception, error)
        else:
            loop.call_soon_threadsafe(settle, result.set_result, value)

    threading.Thread(target=run, daemon=True).start()
    return await result
