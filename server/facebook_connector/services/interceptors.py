"""What every call goes through: admission by role, the mapping of errors to statuses, and a line of access log.

The log names the caller, the call and the ids in its request, never content. Here is the services' only catch-all: what
nobody foresaw is logged with an incident number and the place it came from, and answered INTERNAL with that number.
"""

from __future__ import annotations

import asyncio
import secrets
import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc

from facebook_connector import telemetry
from facebook_connector.actors import acting_as
from facebook_connector.errors import ConnectorError
from facebook_connector.services.roles import ROLES_OF_METHOD, Caller, Guard, require_safe_transport
from facebook_connector.services.status import abort, understood
from facebook_connector.settings import Role
from service_runtime.clock import Clock
from service_runtime.logs import get_logger, shows_debug
from service_runtime.metrics import Metrics

ID_FIELDS = ("page_id", "channel.page_id", "message.id", "id", "subscription", "request_id")
"""Where requests carry ids; what stands there goes into the access log."""

MAX_ID_LENGTH = 128
"""Longer ids are cut in the log."""

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

_log = get_logger("calls")


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Stands around every handler; see the module."""

    def __init__(self, guard: Guard, clock: Clock, metrics: Metrics | None = None) -> None:
        self._guard = guard
        self._clock = clock
        self._metrics = metrics or telemetry.new_metrics()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Admits or refuses the call before its first message is read."""
        handler = await continuation(handler_call_details)
        if handler is None:  # no service registered the method: grpc answers UNIMPLEMENTED
            return None
        method = handler_call_details.method
        try:
            caller = self._guard.admit(method, _authorization(handler_call_details))
            _require_implemented(method, handler)
        except ConnectorError as error:
            self._metrics.count(telemetry.CALLS, method=short(method), outcome=error.reason)
            return _refusal(method, error)
        served = _Method(
            path=method, caller=caller, clock=self._clock, loud=_is_loud(method, handler), metrics=self._metrics
        )
        return _wrapped(handler, served)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Method:
    """One method as one caller may call it."""

    path: str
    caller: Caller
    clock: Clock
    loud: bool
    """Whether a success is worth a line at INFO."""
    metrics: Metrics

    async def respond(self, behavior: Callable[..., Any], request: object, context: Context) -> Any:
        """Serves a call with one response."""
        return await self._served(request, context, lambda: behavior(request, context))

    async def stream(self, behavior: Callable[..., Any], request: object, context: Context) -> None:
        """Serves a call with many responses, whichever of grpc's two styles the servicer has."""

        async def serve() -> None:
            responses = behavior(request, context)
            if not hasattr(responses, "__aiter__"):
                await responses
                return
            async with aclosing(responses):
                async for response in responses:
                    await context.write(response)

        await self._served(request, context, serve)

    async def _served(self, request: object, context: Context, serve: Callable[[], Awaitable[Any]]) -> Any:
        started = self.clock.monotonic()
        outcome = "OK"
        try:
            security = context.auth_context().get("transport_security_type", ())
            require_safe_transport(self.path, context.peer(), encrypted=b"ssl" in security)
            with acting_as(self.caller.name):
                return await serve()
        except asyncio.CancelledError:
            outcome = "CANCELLED"
            raise
        except grpc.aio.AbortError:
            outcome = context.code().name
            raise
        except Exception as error:  # noqa: BLE001 - one of the three top loops
            if context.cancelled():
                # The caller went away and a write to it broke. Re-raised as it is, grpc would log it with its text.
                outcome = "CANCELLED"
                raise asyncio.CancelledError from None
            known = understood(error) or _incident(self.path, self.caller, error)
            outcome = known.reason
            await abort(context, known)
        finally:
            seconds = self.clock.monotonic() - started
            self.metrics.count(telemetry.CALLS, method=short(self.path), outcome=outcome)
            self.metrics.observe(telemetry.CALL_SECONDS, seconds, method=short(self.path))
            self._tell(request, outcome, seconds)

    def _tell(self, request: object, outcome: str, seconds: float) -> None:
        told = self.loud or outcome not in {"OK", "CANCELLED"}
        if told or shows_debug():
            log = _log.info if told else _log.debug
            milliseconds = round(1000 * seconds, 1)
            log("call", method=self.path, caller=self.caller.name, outcome=outcome, ms=milliseconds, **ids_of(request))


def short(method: str) -> str:
    """A method as metrics name it: its service and its own name, without the package."""
    return method.rpartition(".")[2]


def ids_of(request: object) -> dict[str, str]:
    """The ids in a request, by their field's last name; streams of requests have none."""
    found: dict[str, str] = {}
    for path in ID_FIELDS:
        value = request
        for name in path.split("."):
            value = getattr(value, name, "")
        if value and isinstance(value, str):
            found[path.replace("channel.", "").replace("message.", "message_")] = value[:MAX_ID_LENGTH]
    return found


def places(error: BaseException) -> list[str]:
    """Where an error came from, innermost last: file, line and function, but no message and no variables.

    An error's own text may repeat what a customer wrote, so an incident is logged without it.
    """
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def _incident(method: str, caller: Caller, error: Exception) -> ConnectorError:
    incident = secrets.token_hex(8)
    cause = error.__cause__ or error
    _log.error(
        "call failed",
        method=method,
        caller=caller.name,
        incident=incident,
        error=type(error).__qualname__,
        cause=type(cause).__qualname__,
        places=places(error),
    )
    return ConnectorError(
        "INTERNAL", f"The server failed; its log says why under incident {incident}.", metadata={"incident": incident}
    )


def _require_implemented(method: str, handler: Handler) -> None:
    """A method that its servicer does not override comes from the generated base class."""
    if _behavior(handler).__module__.endswith("_pb2_grpc"):
        name = method.rpartition("/")[2]
        raise ConnectorError("NOT_IMPLEMENTED", f"This release does not implement {name}.", metadata={"method": name})


def _is_loud(method: str, handler: Handler) -> bool:
    """Calls of operators and streams of CCM are few; everything else comes by the thousand."""
    roles = ROLES_OF_METHOD[method]
    return Role.OPERATOR in roles or (Role.CCM in roles and handler.response_streaming)


def _authorization(details: grpc.HandlerCallDetails) -> str:
    for key, value in details.invocation_metadata or ():
        if key == "authorization" and isinstance(value, str):
            return value
    return ""


def _refusal(method: str, error: ConnectorError) -> Handler:
    """A handler that refuses. It reads no request, so it serves calls of any shape."""

    async def refuse(_requests: object, context: Context) -> None:
        _log.warning("call refused", method=method, reason=error.reason, peer=context.peer())
        await abort(context, error)

    return grpc.stream_stream_rpc_method_handler(refuse)


def _behavior(handler: Handler) -> Callable[..., Any]:
    behavior = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    assert behavior is not None
    return behavior


def _wrapped(handler: Handler, method: _Method) -> Handler:
    behavior = _behavior(handler)
    serve = method.stream if handler.response_streaming else method.respond

    async def wrapper(request: object, context: Context) -> Any:
        return await serve(behavior, request, context)

    factories = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make = factories[handler.request_streaming, handler.response_streaming]
    return make(wrapper, handler.request_deserializer, handler.response_serializer)
