"""What CCM is answered when the server refuses a message: one table, by the reason of the error. Pure.

Refusals for the content of a message do not stand here: the server records them as failures, and CCM is told by a
DELIVERYNOTIFICATION.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from connector_client import ConnectorError

RETRY_AFTER_S: Final = 5
"""When the server says nothing else."""

STATUSES: Final[Mapping[str, HTTPStatus]] = MappingProxyType(
    {
        "INVALID_FIELD": HTTPStatus.BAD_REQUEST,
        "LIMIT_OUT_OF_RANGE": HTTPStatus.BAD_REQUEST,
        "BODY_INVALID": HTTPStatus.BAD_REQUEST,
        "UNSUPPORTED_BODY": HTTPStatus.BAD_REQUEST,
        "CONTENT_LIMIT_EXCEEDED": HTTPStatus.BAD_REQUEST,
        "MESSAGE_TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "CHANNEL_NOT_FOUND": HTTPStatus.NOT_FOUND,
        # The first message of that id stands; a FAILED would be taken for its.
        "MESSAGE_ID_CONFLICT": HTTPStatus.CONFLICT,
        "OVERLOADED": HTTPStatus.SERVICE_UNAVAILABLE,
        "SERVER_DRAINING": HTTPStatus.SERVICE_UNAVAILABLE,
        "STORE_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
        # The bridge's own token is wrong: nothing that CCM could do, and it works once that is mended.
        "TOKEN_MISSING": HTTPStatus.SERVICE_UNAVAILABLE,
        "TOKEN_INVALID": HTTPStatus.SERVICE_UNAVAILABLE,
        "ROLE_REQUIRED": HTTPStatus.SERVICE_UNAVAILABLE,
        "TRANSPORT_NOT_SECURE": HTTPStatus.SERVICE_UNAVAILABLE,
        # No reason: no connection, no answer in time.
        "": HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Reason → status. What stands in no row is a fault of ours or of a newer server: 500."""

PAGE_FIELD: Final = "message.header.channel_data.service_identifier"
"""One that is no number is the id of no page: unknown, as any other."""

_LOWER_CAMEL: Final = re.compile(r"_([a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer other than 200."""

    status: HTTPStatus
    reason: str
    detail: str
    path: str = ""
    """The JSON path at fault; empty: none, or several."""
    retry_after_s: int | None = None


def refusal(error: ConnectorError) -> Refusal:
    """What CCM gets for an error of a call to the server."""
    fields = [violation.field for violation in error.violations]
    if fields == [PAGE_FIELD]:
        return Refusal(
            status=HTTPStatus.NOT_FOUND, reason="CHANNEL_NOT_FOUND", detail=error.violations[0].description,
            path=json_path(PAGE_FIELD),
        )  # fmt: skip
    status = STATUSES.get(error.reason, HTTPStatus.INTERNAL_SERVER_ERROR)
    waits = status is HTTPStatus.SERVICE_UNAVAILABLE
    return Refusal(
        status=status,
        reason=error.reason or error.code.name,
        detail=error.violations[0].description if fields else error.message,
        path=json_path(fields[0]) if fields else "",
        retry_after_s=max(1, round(error.retry_delay or RETRY_AFTER_S)) if waits else None,
    )


def json_path(field: str) -> str:
    """`message.header.channel_data.service_identifier` → `$.header.channelData.serviceIdentifier`."""
    path = field.removeprefix("message.")
    return "$." + _LOWER_CAMEL.sub(lambda letter: letter[1].upper(), path)
