"""`ThreadService`: who controls a conversation, and moving the control. What each call does is in `threads`."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from expertflow.connector.v1 import thread_service_pb2 as pb
from expertflow.connector.v1.thread_service_pb2_grpc import ThreadServiceServicer
from facebook_connector.threads.control import ThreadControl

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ThreadServicer(ThreadServiceServicer):
    """Serves `ThreadService`."""

    def __init__(self, control: ThreadControl) -> None:
        self._control = control

    async def GetThreadOwner(self, request: pb.GetThreadOwnerRequest, context: Context) -> pb.GetThreadOwnerResponse:
        """See the proto."""
        return await self._control.owner(request)

    async def TakeThreadControl(
        self, request: pb.TakeThreadControlRequest, context: Context
    ) -> pb.TakeThreadControlResponse:
        """See the proto."""
        return await self._control.move(request, pb.TakeThreadControlResponse)

    async def PassThreadControl(
        self, request: pb.PassThreadControlRequest, context: Context
    ) -> pb.PassThreadControlResponse:
        """See the proto."""
        return await self._control.move(request, pb.PassThreadControlResponse)

    async def ReleaseThreadControl(
        self, request: pb.ReleaseThreadControlRequest, context: Context
    ) -> pb.ReleaseThreadControlResponse:
        """See the proto."""
        return await self._control.move(request, pb.ReleaseThreadControlResponse)

    async def RequestThreadControl(
        self, request: pb.RequestThreadControlRequest, context: Context
    ) -> pb.RequestThreadControlResponse:
        """See the proto."""
        return await self._control.move(request, pb.RequestThreadControlResponse)

    async def ExtendThreadControl(
        self, request: pb.ExtendThreadControlRequest, context: Context
    ) -> pb.ExtendThreadControlResponse:
        """See the proto."""
        return await self._control.move(request, pb.ExtendThreadControlResponse)
