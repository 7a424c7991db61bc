"""Gives a server the channel of the sandbox's page: what the demo and `up --sandbox` do by themselves."""

from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask

from connector_cli.failures import Failure
from connector_client import Connection, ConnectorError
from expertflow.connector.v1 import channel_service_pb2 as pb
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub


async def join(connection: Connection, channel: Channel, secrets: ChannelSecrets) -> None:
    """Creates the channel, or gives one that was kept the secrets, and subscribes the page. Raises `Failure`."""
    stub = ChannelServiceStub(connection.channel)
    try:
        try:
            await connection.call(stub.CreateChannel, pb.CreateChannelRequest(channel=channel, secrets=secrets))
        except ConnectorError as error:
            if error.reason != "CHANNEL_EXISTS":
                raise
            mask = FieldMask(paths=[f"secrets.{each.name}" for each in secrets.DESCRIPTOR.fields])
            update = pb.UpdateChannelRequest(channel=channel, secrets=secrets, update_mask=mask)
            await connection.call(stub.UpdateChannel, update)
        await connection.call(stub.SubscribeChannel, pb.SubscribeChannelRequest(page_id=channel.page_id))
    except ConnectorError as error:
        raise Failure(f"the page could not be added: {error}") from error
