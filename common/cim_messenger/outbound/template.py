"""TEMPLATE: wording that Meta approved beforehand, sent as a utility message, which needs no open window.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/utility-messages
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from cim_messenger.outbound.free_form import as_object, as_text, first_text, object_of
from cim_messenger.outbound.refusals import invalid
from cim_messenger.outbound.values import Part, PartKind, Rendered, Rules
from expertflow.cim.v1 import interactive_pb2 as pb
from expertflow.cim.v1.interactive_pb2 import TemplateBody, TemplateComponent
from expertflow.cim.v1.message_pb2 import CimMessage

FIELD = "body.template"

PARAMETERS: Mapping[int, str] = MappingProxyType(
    {
        pb.TEMPLATE_PARAMETER_TYPE_TEXT: "text",
        pb.TEMPLATE_PARAMETER_TYPE_CURRENCY: "currency",
        pb.TEMPLATE_PARAMETER_TYPE_DATE_TIME: "date_time",
        pb.TEMPLATE_PARAMETER_TYPE_IMAGE: "image",
        pb.TEMPLATE_PARAMETER_TYPE_DOCUMENT: "document",
        pb.TEMPLATE_PARAMETER_TYPE_VIDEO: "video",
        pb.TEMPLATE_PARAMETER_TYPE_PAYLOAD: "payload",
    }
)
"""Type of a parameter → its name on the wire, which is also the member of its details that holds the value."""
COMPONENTS: Mapping[int, str] = MappingProxyType(
    {
        pb.TEMPLATE_COMPONENT_TYPE_HEADER: "header",
        pb.TEMPLATE_COMPONENT_TYPE_BODY: "body",
        pb.TEMPLATE_COMPONENT_TYPE_BUTTON: "buttons",
    }
)
BUTTONS = "buttons"
BUTTON_PARAMETERS: Mapping[str, str] = MappingProxyType({"payload": "POSTBACK", "text": "URL"})
"""Type of a button's parameter → type of the button: what it sends back, or how its address ends."""


def render_template(message: CimMessage, _rules: Rules) -> Rendered:
    """The template with its values. The body's text is not sent: without the template it would need the window."""
    body = message.body.template
    template = {
        "name": _required(body.name, "name"),
        "language": {"code": _required(body.language.code, "language.code")},
        **({"components": components} if (components := _components(body)) else {}),
    }
    return Rendered(parts=(Part(kind=PartKind.UTILITY, message={"template": template}),))


def _required(text: str, field: str) -> str:
    if not (said := text.strip()):
        raise invalid(f"{FIELD}.{field}", "It is missing; a template is named by name and language.")
    return said


def _components(body: TemplateBody) -> list[dict[str, Any]]:
    """The components in order; Messenger wants the values of all buttons in one of them."""
    merged: dict[str, list[dict[str, Any]]] = {}
    for index, component in enumerate(body.components):
        path = f"{FIELD}.components[{index}]"
        name = COMPONENTS.get(component.component_type)
        if name is None:
            raise invalid(f"{path}.component_type", "It must be header, body or button.")
        merged.setdefault(name, []).extend(_parameters(component, name, path))
    return [{"type": name, "parameters": parameters} for name, parameters in merged.items() if parameters]


def _parameters(component: TemplateComponent, name: str, path: str) -> Iterator[dict[str, Any]]:
    for index, parameter in enumerate(component.parameters):
        place = f"{path}.parameters[{index}]"
        kind = PARAMETERS.get(parameter.parameter_type)
        if kind is None:
            raise invalid(f"{place}.parameter_type", "It must name the kind of value.")
        details = object_of(parameter.additional_parameter_details)
        yield _button(details, kind, place) if name == BUTTONS else _value(details, kind, place)


def _value(details: Mapping[str, Any], kind: str, path: str) -> dict[str, Any]:
    shown = {"type": kind, kind: _member(details, kind, path)}
    named = first_text(details, "parameter_name")
    return {**shown, "parameter_name": named} if named else shown


def _button(details: Mapping[str, Any], kind: str, path: str) -> dict[str, Any]:
    if kind not in BUTTON_PARAMETERS:
        raise invalid(f"{path}.parameter_type", "A button takes a payload or a text.")
    return {"type": BUTTON_PARAMETERS[kind], kind: _member(details, kind, path)}


def _member(details: Mapping[str, Any], kind: str, path: str) -> Any:
    """The value itself: a text, or an object for kinds that are more than one."""
    value = as_text(details.get(kind)) if kind in {"text", "payload"} else as_object(details.get(kind))
    if not value:
        raise invalid(f"{path}.additional_parameter_details", f"Its member {kind} must hold the value.")
    return value
