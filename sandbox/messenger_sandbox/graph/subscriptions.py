"""`/{page}/subscribed_apps`: which events of the page the app gets.

A POST replaces the list (Meta does not say whether it merges; a client that always sends the complete list is right
either way). Field names: facebook-python-business-sdk, `adobjects/page.py`.
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.graph.fields import read_names
from messenger_sandbox.world import SUGGESTED_FIELDS, App

KNOWN_FIELDS: Final = SUGGESTED_FIELDS | {
    "business_integrity",
    "call_permission_reply",
    "call_settings_update",
    "calls",
    "conversations",
    "feed",
    "follow",
    "inbox_labels",
    "leadgen",
    "marketing_message_clicks",
    "marketing_message_deliveries",
    "marketing_message_delivery_failed",
    "marketing_message_echoes",
    "marketing_message_reads",
    "mention",
    "message_context",
    "message_mention",
    "message_template_status_update",
    "messaging_appointments",
    "messaging_checkout_updates",
    "messaging_customer_information",
    "messaging_direct_sends",
    "messaging_fblogin_account_linking",
    "messaging_game_plays",
    "messaging_in_thread_lead_form_submit",
    "messaging_integrity",
    "messaging_optouts",
    "messaging_payments",
    "messaging_pre_checkouts",
    "ratings",
    "response_feedback",
    "send_cart",
    "user_action",
    "videos",
}
_PERMISSION: Final = "pages_manage_metadata"
_SUCCESS: Final = {"success": True}


async def list_subscriptions(call: GraphCall) -> Answer:
    fields = call.page(_PERMISSION).subscribed_fields
    app = call.state.world.app
    subscribed = {"id": app.app_id, "name": app.name, "category": "Business", "subscribed_fields": sorted(fields)}
    return Answer(body={"data": [subscribed] if fields else []})


async def subscribe(call: GraphCall) -> Answer:
    page = call.page(_PERMISSION)
    fields = _fields(call.params.get("subscribed_fields"))
    call.state.world.change_page(page.page_id, subscribed_fields=fields)
    return Answer(body=_SUCCESS, facts={"subscribed_fields": sorted(fields)})


async def unsubscribe(call: GraphCall) -> Answer:
    """Takes the page's token or the app's."""
    by_app = isinstance(call.caller, App) and call.state.world.find_page(call.node) is not None
    page_id = call.node if by_app else call.page(_PERMISSION).page_id
    call.state.world.change_page(page_id, subscribed_fields=frozenset())
    return Answer(body=_SUCCESS)


def _fields(asked: object) -> frozenset[str]:
    names = frozenset(read_names(asked))
    if not names:
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, "The parameter subscribed_fields is required"))
    unknown = sorted(names - KNOWN_FIELDS)
    if unknown:
        detail = f"Param subscribed_fields must be one of {{{', '.join(sorted(KNOWN_FIELDS))}}} - got {unknown[0]}"
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, detail))
    return names
