"""Utility messages: an approved template named directly under `message.template`, with its parameters.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/utility-messages.
Which templates are approved is not played: any name is.
"""

from __future__ import annotations

from typing import Any, Final

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import as_object
from messenger_sandbox.rules.limits import LIMITS
from messenger_sandbox.rules.shapes import Check, any_text, choice, each, first, may, need, shape

_parameter: Final = shape({"type": need(any_text), "parameter_name": may(any_text)}, also_others=True)
_component: Final = shape(
    {
        "type": need(choice({"header", "body", "buttons", "HEADER", "BODY", "BUTTONS"})),
        "parameters": may(each(_parameter)),
    }
)


def _components(value: Any, where: str) -> GraphError | None:
    """All buttons share one component."""
    fault = each(_component)(value, where)
    listed = value if isinstance(value, list) else []
    shared = sum(str(as_object(component).get("type")).lower() == "buttons" for component in listed)
    if shared > LIMITS["utility.buttons_components"].most:
        return first(fault, refusal(ErrorName.TOO_MANY_ITEMS, f"Param {where} has too many components of type buttons"))
    return fault


UTILITY_TEMPLATE: Final[Check] = shape(
    {
        "name": need(any_text),
        "language": need(shape({"code": need(any_text)}, also_others=True)),
        "components": may(_components),
    }
)
