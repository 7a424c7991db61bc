"""Puts the services on a gRPC server: ours, and the standard ones for health, reflection and channelz."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from expertflow.connector.v1 import (
    channel_service_pb2,
    connector_service_pb2,
    ingest_service_pb2,
    media_service_pb2,
    operations_service_pb2,
    thread_service_pb2,
)
from expertflow.connector.v1.channel_service_pb2_grpc import (
    ChannelServiceServicer,
    add_ChannelServiceServicer_to_server,
)
from expertflow.connector.v1.connector_service_pb2_grpc import (
    ConnectorServiceServicer,
    add_ConnectorServiceServicer_to_server,
)
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceServicer, add_IngestServiceServicer_to_server
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceServicer, add_MediaServiceServicer_to_server
from expertflow.connector.v1.operations_service_pb2_grpc import (
    OperationsServiceServicer,
    add_OperationsServiceServicer_to_server,
)
from expertflow.connector.v1.thread_service_pb2_grpc import ThreadServiceServicer, add_ThreadServiceServicer_to_server
from facebook_connector.services.health import Health

SERVICE_NAMES = tuple(
    service.full_name
    for file in (
        connector_service_pb2,
        media_service_pb2,
        thread_service_pb2,
        ingest_service_pb2,
        channel_service_pb2,
        operations_service_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
)
"""Full names of our services: what health tells about and reflection shows."""

STANDARD_NAMES = (
    "grpc.health.v1.Health",
    "grpc.channelz.v1.Channelz",
    reflection.SERVICE_NAME,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Servicers:
    """Our services. Calls that one leaves to its base class are UNIMPLEMENTED."""

    connector: ConnectorServiceServicer
    ingest: IngestServiceServicer
    channels: ChannelServiceServicer
    media: MediaServiceServicer
    operations: OperationsServiceServicer
    threads: ThreadServiceServicer


def register(server: grpc.aio.Server, servicers: Servicers, health: Health) -> None:
    """Registers every service of the contract, and the standard ones."""
    add_ConnectorServiceServicer_to_server(servicers.connector, server)
    add_IngestServiceServicer_to_server(servicers.ingest, server)
    add_ChannelServiceServicer_to_server(servicers.channels, server)
    add_MediaServiceServicer_to_server(servicers.media, server)
    add_OperationsServiceServicer_to_server(servicers.operations, server)
    add_ThreadServiceServicer_to_server(servicers.threads, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    channelz.add_channelz_servicer(server)
    reflection.enable_server_reflection((*SERVICE_NAMES, *STANDARD_NAMES), server)
