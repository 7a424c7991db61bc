"""`OperationsService`: operators run the installation. What each call does is in `operations`.

Calls that are not overridden answer UNIMPLEMENTED.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from expertflow.connector.v1.operations_service_pb2 import (
    ListAuditEventsRequest,
    ListAuditEventsResponse,
    ListQuarantineRequest,
    ListQuarantineResponse,
    RetranslateRequest,
    RetranslateResponse,
)
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceServicer
from facebook_connector.operations.audit_trail import AuditTrail
from facebook_connector.operations.quarantine import Quarantine

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class OperationsServicer(OperationsServiceServicer):
    """Serves `OperationsService`."""

    def __init__(self, audit: AuditTrail, quarantine: Quarantine) -> None:
        self._audit = audit
        self._quarantine = quarantine

    async def ListQuarantine(self, request: ListQuarantineRequest, context: Context) -> ListQuarantineResponse:
        """See the proto."""
        return await self._quarantine.list(request)

    async def Retranslate(self, request: RetranslateRequest, context: Context) -> RetranslateResponse:
        """See the proto."""
        return await self._quarantine.retranslate(request)

    async def ListAuditEvents(self, request: ListAuditEventsRequest, context: Context) -> ListAuditEventsResponse:
        """See the proto."""
        return await self._audit.list(request)
