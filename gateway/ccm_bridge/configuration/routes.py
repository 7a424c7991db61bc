"""`POST /connector-configurations`: CCM tells the settings of a channel, and gets to know what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ccm_bridge import telemetry
from ccm_bridge.calls import Admission, RefusedError, json_response, refused_with, tenant_of, unreadable
from ccm_bridge.configuration.answers import refused, taken
from ccm_bridge.configuration.attributes import read_push
from ccm_bridge.configuration.channels import ConfiguredChannels, Outcome
from cim_messenger.cim_json import CimJsonError
from connector_client import ConnectorError
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

PATH: Final = "/connector-configurations"

_log = get_logger("bridge.configuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRoute:
    """Takes pushes."""

    channels: ConfiguredChannels
    admission: Admission
    metrics: Metrics

    async def receive(self, request: Request) -> Response:
        """Answers one call; its repeat does no harm."""
        try:
            response = json_response(HTTPStatus.OK, taken(await self._taken(request)))
        except RefusedError as error:
            no = error.refusal
            _log.warning("settings of CCM not taken", status=no.status.value, reason=no.reason, detail=no.detail)
            response = refused_with(no)
        self.metrics.count(telemetry.PUSHES, status=str(response.status_code))
        return response

    async def _taken(self, request: Request) -> list[Outcome]:
        body = await self.admission.body(request)
        try:
            # All is read before anything is changed: a fault in one channel's settings leaves the others as they were.
            configurations = read_push(body)
            return [await self.channels.apply(one, tenant_id=tenant_of(request)) for one in configurations]
        except CimJsonError as error:
            raise unreadable(error) from error
        except ConnectorError as error:
            raise RefusedError(refused(error)) from error
