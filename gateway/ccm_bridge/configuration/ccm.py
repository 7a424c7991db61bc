"""Asks CCM for the settings of a page: `GET {CCM}/channel-connectors/configurations/{serviceIdentifier}`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ccm_bridge.ccm import Ccm, CcmUnreachableError
from ccm_bridge.configuration.attributes import PAGE_ID, Configuration, read_pull
from cim_messenger.cim_json import CimJsonError

PATH: Final = "/channel-connectors/configurations/"

NOT_KNOWN: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND})
"""How CCM may say that it has no channel with this service identifier."""


class CcmError(Exception):
    """CCM did not tell. The message says why, and holds nothing of what it answered."""


async def configuration_of(ccm: Ccm, page_id: str, tenant_id: str) -> Configuration | None:
    """What CCM holds of a page; None if it does not know it. Raises `CcmError`."""
    if not PAGE_ID.fullmatch(page_id):
        return None
    try:
        answer = await ccm.get(f"{PATH}{page_id}", tenant_id)
    except CcmUnreachableError as error:
        raise CcmError(str(error)) from error
    if answer.status in NOT_KNOWN:
        return None
    if answer.status != HTTPStatus.OK:
        raise CcmError(f"CCM answers {answer.status}")
    try:
        return read_pull(answer.body, page_id)
    except CimJsonError as error:
        raise CcmError(f"CCM's answer cannot be read: {error}") from error
