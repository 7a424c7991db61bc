"""Calls CCM over HTTP: one place for its address, the time-out, and the header that names the tenant."""

from __future__ import annotations

import asyncio
from typing import Final, Self

import httpx

from ccm_bridge.settings import RECEIVE_PATH, BridgeSettings
from ccm_bridge.verdicts import Answer

TENANT_HEADER: Final = "tenantid"
MAX_ANSWER_BYTES: Final = 256 * 1024
"""What is read of an answer: a connector's settings fit, and nothing that CCM sends can fill the memory."""
KEEPALIVE_S: Final = 15.0
"""Shorter than CCM's Tomcat keeps an idle connection (20 s): it shall not close one under a message."""


class CcmUnreachableError(Exception):
    """No answer came; `cause` is a word for metrics and logs. CCM may or may not have got the call."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"CCM does not answer: {cause}")
        self.cause = cause


class Ccm:
    """CCM as a client sees it. Enter it before use; leaving it closes its connections."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._base_url = settings.ccm_url
        self._timeout_s = settings.ccm_timeout
        self._tenant = settings.ccm_tenant
        self._tenant_header = settings.ccm_tenant_header
        self._client = httpx.AsyncClient(
            # CCM is a neighbour in the cluster: no proxy of the environment, and no redirect, stands in between.
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=settings.bridge_parallel + 4, keepalive_expiry=KEEPALIVE_S),
            timeout=httpx.Timeout(settings.ccm_timeout),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def post(self, message: str, tenant: str) -> Answer:
        """Gives CCM one message. Raises `CcmUnreachableError`."""
        headers = {"content-type": "application/json"}
        return await self._answer("POST", RECEIVE_PATH, tenant, headers, message.encode())

    async def get(self, path: str, tenant: str = "") -> Answer:
        """Asks CCM for something. Raises `CcmUnreachableError`."""
        return await self._answer("GET", path, tenant, {"accept": "application/json"}, None)

    async def _answer(
        self, method: str, path: str, tenant: str, headers: dict[str, str], content: bytes | None
    ) -> Answer:
        if self._tenant_header and (named := self._tenant or tenant):
            headers[TENANT_HEADER] = named
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream(method, self._base_url + path, headers=headers, content=content) as response,
            ):
                body = await _beginning(response)
        except TimeoutError as error:
            raise CcmUnreachableError("timeout") from error
        except httpx.HTTPError as error:
            raise CcmUnreachableError(_cause(error)) from error
        return Answer(status=response.status_code, body=body, retry_after=response.headers.get("retry-after", ""))


async def _beginning(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk[: MAX_ANSWER_BYTES - len(body)]
        if len(body) >= MAX_ANSWER_BYTES:
            break
    return bytes(body)


def _cause(error: httpx.HTTPError) -> str:
    """One word, such as `timeout`, `connect` or `remote_protocol`."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    name = type(error).__name__.removesuffix("Error")
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
