"""Calls CCM over HTTP: one place for its address, the time-out, and the header that names the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Self

import aiohttp

from ccm_bridge.settings import RECEIVE_PATH, BridgeSettings
from ccm_bridge.verdicts import Answer

TENANT_HEADER: Final = "tenantid"
MAX_ANSWER_BYTES: Final = 256 * 1024
"""What is read of an answer: a connector's settings fit, and nothing that CCM sends can fill the memory."""
KEEPALIVE_S: Final = 15.0
"""Shorter than CCM's Tomcat keeps an idle connection (20 s): it shall not close one under a message."""
SPARE_CONNECTIONS: Final = 4
"""For what is asked of CCM beside the posts."""

CAUSES: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        TimeoutError: "timeout",
        aiohttp.ClientConnectorError: "connect",
        aiohttp.ClientPayloadError: "cut_short",
        aiohttp.ServerDisconnectedError: "disconnected",
        aiohttp.ClientError: "protocol",
        OSError: "connection",
    }
)
"""How a call ended without an answer → a word for it; the first that fits."""


class CcmUnreachableError(Exception):
    """No answer came; `cause` is a word for metrics and logs. CCM may or may not have got the call."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"CCM does not answer: {cause}")
        self.cause = cause


class Ccm:
    """CCM as a client sees it. Enter it before use; leaving it closes its connections."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        connections = self._settings.bridge_parallel + SPARE_CONNECTIONS
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=KEEPALIVE_S),
            # CCM is a neighbour in the cluster: no proxy of the environment stands in between.
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=self._settings.ccm_timeout),
            headers={"user-agent": "facebook-connector"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

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
        if self._settings.ccm_tenant_header and (named := self._settings.ccm_tenant or tenant):
            headers[TENANT_HEADER] = named
        url = self._settings.ccm_url + path
        try:
            async with self._session.request(
                method, url, headers=headers, data=content, allow_redirects=False
            ) as response:
                body = await _beginning(response)
        except (aiohttp.ClientError, OSError) as error:
            raise CcmUnreachableError(cause_of(error)) from error
        return Answer(status=response.status, body=body, retry_after=response.headers.get("retry-after", ""))


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk[: MAX_ANSWER_BYTES - len(body)]
        if len(body) >= MAX_ANSWER_BYTES:
            break
    return bytes(body)


def cause_of(error: Exception) -> str:
    """The word for how a call ended."""
    return next(word for kind, word in CAUSES.items() if isinstance(error, kind))
