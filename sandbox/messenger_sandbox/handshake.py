"""The verification handshake: one GET with mode, verify token and a challenge that must come back unchanged.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from messenger_sandbox.poster import ANSWER_DEADLINE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeResult:
    """`status` is None without an answer; `verified` needs 200 and exactly the challenge as the body."""

    verified: bool
    status: int | None


async def verify_callback(
    client: httpx.AsyncClient, callback_url: str, *, verify_token: str, challenge: str
) -> HandshakeResult:
    parameters = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
    try:
        answer = await client.get(callback_url, params=parameters, timeout=ANSWER_DEADLINE_S)
    except (httpx.HTTPError, httpx.InvalidURL):
        return HandshakeResult(verified=False, status=None)
    verified = answer.status_code == httpx.codes.OK and answer.content == challenge.encode()
    return HandshakeResult(verified=verified, status=answer.status_code)
