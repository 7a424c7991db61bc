"""The gRPC server itself: its limits, who may call it, and where it listens."""

from __future__ import annotations

import socket
from typing import Final

import grpc

from facebook_connector.services.interceptors import CallInterceptor
from facebook_connector.services.roles import Guard
from facebook_connector.settings import ServerSettings
from service_runtime.clock import Clock
from service_runtime.listen import Address, ListenError
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics
from service_runtime.settings import SettingsError

MEBIBYTE: Final = 1024 * 1024

CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 16 * MEBIBYTE),
    # Without it two servers share one port and each gets every other call.
    ("grpc.so_reuseport", 0),
    # A peer that is gone without a word is noticed within half a minute, and its leases come free.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # Clients may ping as often as that themselves.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)

_log = get_logger("server")


def grpc_server(settings: ServerSettings, clock: Clock, metrics: Metrics) -> tuple[grpc.aio.Server, Address]:
    """A server that is bound and not started, and where it listens; with the port that the system chose, if it was to.

    Raises `SettingsError` when the address cannot be used.
    """
    guard = Guard(settings.tokens)
    if guard.open:
        _log.warning("no tokens are set: every caller on this machine may do everything")
    server = grpc.aio.server(interceptors=(CallInterceptor(guard, clock, metrics),), options=CHANNEL_OPTIONS)
    _require_free(settings.address)
    try:
        if settings.tls is None:
            port = server.add_insecure_port(str(settings.address))
        else:
            certificate, key = settings.tls.read()
            port = server.add_secure_port(str(settings.address), grpc.ssl_server_credentials([(key, certificate)]))
    except (RuntimeError, ListenError) as error:
        raise SettingsError(f"FBC_LISTEN: cannot listen at {settings.address}") from error
    return server, Address(host=settings.address.host, port=port)


def _require_free(address: Address) -> None:
    """Looks whether the address can be bound: grpc itself writes four lines of its own about it and no reason."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        socket.create_server((address.host, address.port), family=family).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"FBC_LISTEN: cannot listen at {address}: {reason}") from error
