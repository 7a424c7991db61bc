"""`GET /debug_token`: what a token is good for, asked with the app's own token.

Source: https://developers.facebook.com/docs/facebook-login/guides/access-tokens
"""

from __future__ import annotations

from typing import Any, Final

from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.errors import ErrorName, GraphError, RefusedError, refusal
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.world import App, Page

DATA_ACCESS_MS: Final = 90 * DAY_MS
"""Reading of data ends after about 90 days although the token itself never expires."""


async def debug_token(call: GraphCall) -> Answer:
    if not isinstance(call.caller, App):
        detail = "You must provide an app access token, or a user access token that is an owner of the app"
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, detail))
    token = call.params.get("input_token")
    if not isinstance(token, str) or not token:
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, "The parameter input_token is required"))
    page = call.state.world.page_of_token(token)
    if page is None:
        return _invalid(refusal(ErrorName.TOKEN_INVALID))
    if page.token_fault is not None:
        return _invalid(refusal(page.token_fault))
    return Answer(body={"data": _valid(call.caller, page, call.state.clock())})


def _valid(app: App, page: Page, now_ms: int) -> dict[str, Any]:
    scopes = sorted(page.scopes)
    return {
        "app_id": app.app_id,
        "application": app.name,
        "type": "PAGE",
        "is_valid": True,
        "expires_at": 0,
        "data_access_expires_at": (now_ms + DATA_ACCESS_MS) // 1_000,
        "issued_at": now_ms // 1_000,
        "profile_id": page.page_id,
        "scopes": scopes,
        "granular_scopes": [{"scope": scope, "target_ids": [page.page_id]} for scope in scopes],
    }


def _invalid(error: GraphError) -> Answer:
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.subcode is not None:
        told["subcode"] = error.subcode
    return Answer(body={"data": {"is_valid": False, "error": told, "scopes": []}})
