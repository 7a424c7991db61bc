"""Makes sure of the subscription that the bridge reads."""

from __future__ import annotations

from typing import Final

import grpc

from ccm_bridge.settings import BridgeSettings
from connector_client import Connection, ConnectorError
from expertflow.connector.v1.operations_service_pb2 import CreateSubscriptionRequest
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from service_runtime.logs import get_logger

ALWAYS_THERE: Final = "ccm"

_log = get_logger("bridge.subscription")


async def ensure_subscription(operator: Connection, settings: BridgeSettings) -> None:
    """Creates the subscription unless it exists; it then begins with what is stored from now on.

    One of that name with other kinds is taken as it is. A token that may not create leaves it to the stream to say
    that there is none. Raises `ConnectorError` for anything else.
    """
    name = settings.bridge_subscription
    if name == ALWAYS_THERE:
        return
    request = CreateSubscriptionRequest(name=name, kinds=settings.kinds)
    try:
        await operator.call(OperationsServiceStub(operator.channel).CreateSubscription, request)
    except ConnectorError as error:
        if error.code is not grpc.StatusCode.PERMISSION_DENIED and error.reason != "SUBSCRIPTION_EXISTS":
            raise
        _log.info("the subscription is taken as it is", subscription=name, reason=error.reason)
