"""`OperationsService`: operators run the installation. What each call does is in `operations`.

Calls that are not overridden answer UNIMPLEMENTED.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest, ListAuditEventsResponse
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceServicer
from facebook_connector.operations.audit_trail import AuditTrail

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class OperationsServicer(OperationsServiceServicer):
    """Serves `OperationsService`."""

    def __init__(self, audit: AuditTrail) -> None:
        self._audit = audit

    async def ListAuditEvents(self, request: ListAuditEventsRequest, context: Context) -> ListAuditEventsResponse:
        """See the proto."""
        return await self._audit.list(request)
