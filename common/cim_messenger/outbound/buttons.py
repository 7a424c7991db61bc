"""BUTTON: a prompt with choices, as button templates, quick replies or a numbered text.

| choices | `BUTTON`, or no kind | `QUICK_REPLIES` |
|---|---|---|
| one of them opens a link or calls | button templates of three | the same |
| 1 to 3 | button template | quick replies |
| 4 to 13 | quick replies | quick replies |
| more | numbered text | numbered text |

Sources: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates/button
and …/send-messages/quick-replies
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.choices import CHIPS, ONLY_IN_TEMPLATES, Choice, choices, cut_warnings, full_titles
from cim_messenger.outbound.free_form import as_object, as_text, object_of
from cim_messenger.outbound.refusals import invalid
from cim_messenger.outbound.text import fits, joined, split_warnings, text_of, text_parts
from cim_messenger.outbound.values import Part, PartKind, Rendered, Rules, Warned
from expertflow.cim.v1.interactive_pb2 import BUTTON_MESSAGE_TYPE_QUICK_REPLIES
from expertflow.cim.v1.message_pb2 import CimMessage

FIELD = "body.button.buttons"


def render_button(message: CimMessage, rules: Rules) -> Rendered:
    """The prompt with its choices, in the form that the number and kind of the choices allow."""
    body = message.body.button
    quick = body.button_message_type == BUTTON_MESSAGE_TYPE_QUICK_REPLIES
    offered = choices(body.buttons, FIELD, links_by_payload=not quick)
    if not offered:
        raise invalid(FIELD, "There are no buttons in it.")
    prompt = prompt_of(message) or rules.default_prompt
    if any(choice.kind in ONLY_IN_TEMPLATES for choice in offered):
        return as_templates(prompt, offered, rules)
    if len(offered) > limits.QUICK_REPLIES.maximum:
        return as_numbered_text(prompt, offered, rules)
    if quick or len(offered) > limits.TEMPLATE_BUTTONS.maximum or any(choice.kind in CHIPS for choice in offered):
        return as_quick_replies(prompt, offered, rules, wanted=quick)
    return as_templates(prompt, offered, rules)


def prompt_of(message: CimMessage) -> str:
    """The text, else the body, else the header of `additionalDetails.interactive`; empty if none says anything."""
    interactive = as_object(object_of(message.body.button.additional_details).get("interactive"))
    candidates = (text_of(message), _said(interactive.get("body")), _said(interactive.get("header")))
    return next((text for text in candidates if text.strip()), "")


def as_templates(prompt: str, offered: Sequence[Choice], rules: Rules) -> Rendered:
    """Button templates of three; a prompt that is too long for the first goes before it as text."""
    text = joined(prompt, full_titles(offered), between="\n\n")
    before: tuple[Part, ...] = ()
    if not fits(text, limits.BUTTON_TEXT):
        before, text = text_parts(text, rules), rules.default_prompt
    step = limits.TEMPLATE_BUTTONS.maximum
    groups = [offered[start : start + step] for start in range(0, len(offered), step)]
    texts = [text, *[rules.default_prompt] * (len(groups) - 1)]
    templates = [_template(said, group) for said, group in zip(texts, groups, strict=True)]
    warnings = (*cut_warnings(offered), *split_warnings(before))
    return Rendered(parts=(*before, *templates), warnings=warnings)


def as_quick_replies(prompt: str, offered: Sequence[Choice], rules: Rules, *, wanted: bool) -> Rendered:
    """The prompt as text, in several parts if it is long; the choices stand on the last."""
    shown = [choice for choice in offered if choice.kind not in CHIPS]
    parts = text_parts(joined(prompt, full_titles(shown), between="\n\n"), rules)
    replies = {"quick_replies": [choice.as_quick_reply() for choice in offered]}
    last = replace(parts[-1], message={**parts[-1].message, **replies})
    warnings = [*cut_warnings(shown, len(parts) - 1), *split_warnings(parts)]
    if not wanted:
        detail = f"{len(offered)} buttons were sent as quick replies, which vanish after a tap."
        warnings.append(Warned(code="BUTTONS_AS_QUICK_REPLIES", detail=detail))
    return Rendered(parts=(*parts[:-1], last), warnings=tuple(warnings))


def as_numbered_text(prompt: str, offered: Sequence[Choice], rules: Rules) -> Rendered:
    """The choices as lines to be read: there are more than Messenger can show to be tapped."""
    lines = "\n".join(f"{number}. {choice.title}" for number, choice in enumerate(offered, start=1))
    parts = text_parts(joined(prompt, lines, between="\n\n"), rules)
    detail = f"{len(offered)} choices were sent as numbered text: Messenger shows {limits.QUICK_REPLIES.maximum}."
    warnings = (Warned(code="BUTTONS_AS_TEXT", detail=detail), *split_warnings(parts))
    return Rendered(parts=parts, warnings=warnings)


def _template(text: str, group: Sequence[Choice]) -> Part:
    payload = {"template_type": "button", "text": text, "buttons": [choice.as_button() for choice in group]}
    return template_part(payload)


def template_part(payload: Mapping[str, Any]) -> Part:
    """A template as a message."""
    return Part(kind=PartKind.TEMPLATE, message={"attachment": {"type": "template", "payload": payload}})


def _said(value: object) -> str:
    """`interactive.body` and `.header` are strings, or objects with `text`."""
    return as_text(value) or as_text(as_object(value).get("text"))
