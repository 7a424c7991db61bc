"""CUSTOM: what Messenger can do and CIM has no word for, by `kind`; without a kind a Send API message as it stands.

| `jsonNode.kind` | |
|---|---|
| `reaction` | reacts to a message, or takes the reaction back |
| `customer_feedback` | a survey, whose answer names the message that asked |
| none | the `message` object of the Send API; only where the channel allows it |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import regex

from cim_messenger.outbound import limits
from cim_messenger.outbound.buttons import template_part
from cim_messenger.outbound.checks import any_text, as_members, one_of
from cim_messenger.outbound.free_form import tree_of, without_nulls
from cim_messenger.outbound.quote import target_of
from cim_messenger.outbound.raw import check_message, kind_of
from cim_messenger.outbound.refusals import RefusedError, exceeds, invalid, unsupported
from cim_messenger.outbound.template_checks import customer_feedback
from cim_messenger.outbound.text import split_warnings, text_of, text_parts
from cim_messenger.outbound.values import Action, Part, Refusal, Rendered, Rules
from cim_messenger.survey_ids import tied
from expertflow.cim.v1.message_pb2 import CimMessage

FIELD = "body.custom.json_node"

EMOJI_OF_REACTION: Mapping[str, str] = MappingProxyType(
    {
        "like": "👍",
        "dislike": "👎",
        "love": "❤",
        "smile": "😆",
        "wow": "😮",
        "sad": "😢",
        "angry": "😠",
    }
)
"""The names that Messenger's own reaction events use."""
_EMOJI = regex.compile(r"(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])\X", regex.DOTALL)


def render_custom(message: CimMessage, rules: Rules) -> Rendered:
    """By the kind that `jsonNode` names."""
    node = as_members(without_nulls(tree_of(message.body.custom.json_node)), FIELD)
    kind = node.get("kind")
    if kind is None:
        return _raw(node, rules)
    if not isinstance(kind, str) or kind not in KINDS:
        raise unsupported(f"A CUSTOM body of this kind cannot be sent to Messenger; known kinds: {', '.join(KINDS)}.")
    return KINDS[kind](message, node, rules)


def _raw(node: Mapping[str, Any], rules: Rules) -> Rendered:
    if not rules.allow_custom:
        detail = "The channel does not allow raw Send API messages; set its allow_custom to permit them."
        raise RefusedError(Refusal(reason="CUSTOM_NOT_ALLOWED", detail=detail, field_path=FIELD))
    check_message(node, FIELD)
    return Rendered(parts=(Part(kind=kind_of(node), message=node),))


def _reaction(message: CimMessage, node: Mapping[str, Any], _rules: Rules) -> Rendered:
    target = target_of(message.header)
    if target is None:
        raise invalid("header.original_message_id", "A reaction must name the message that it is on.")
    one_of({"react", "unreact"})(node.get("action"), f"{FIELD}.action")
    reaction = _emoji(node) if node["action"] == "react" else ""
    return Rendered(action=Action(sender_action=node["action"], target=target, reaction=reaction))


def _emoji(node: Mapping[str, Any]) -> str:
    """`emoji`, else the emoji of the name in `reaction`."""
    field = "emoji" if "emoji" in node else "reaction"
    any_text(node.get(field), f"{FIELD}.{field}")
    given: str = node[field].strip()
    emoji = EMOJI_OF_REACTION.get(given, given)
    if not _EMOJI.fullmatch(emoji):
        raise invalid(f"{FIELD}.{field}", "It must be one emoji.")
    return emoji


def _survey(message: CimMessage, node: Mapping[str, Any], rules: Rules) -> Rendered:
    """The text, if there is one, and then the survey."""
    payload = {name: value for name, value in node.items() if name != "kind"} | {"template_type": "customer_feedback"}
    customer_feedback(payload, FIELD)
    payload["feedback_screens"] = [_tied_screen(screen, message.id) for screen in payload["feedback_screens"]]
    before = text_parts(text_of(message), rules)
    return Rendered(parts=(*before, template_part(payload)), warnings=tuple(split_warnings(before)))


def _tied_screen(screen: Mapping[str, Any], cim_id: str) -> dict[str, Any]:
    return {**screen, "questions": [_tied_question(question, cim_id) for question in screen["questions"]]}


def _tied_question(question: Mapping[str, Any], cim_id: str) -> dict[str, Any]:
    path = f"{FIELD}.feedback_screens[0].questions[0].id"
    if question["id"].endswith("_"):
        raise invalid(path, "It must end with a letter or digit.")
    wire_id = tied(question["id"], cim_id)
    if len(wire_id) > limits.SURVEY_QUESTION_ID.maximum:
        hint = f"{len(wire_id) - len(question['id'])} of them name the message that asks"
        raise exceeds(path, limits.SURVEY_QUESTION_ID, len(wire_id), hint)
    return {**question, "id": wire_id}


KINDS: Mapping[str, Callable[[CimMessage, Mapping[str, Any], Rules], Rendered]] = MappingProxyType(
    {"reaction": _reaction, "customer_feedback": _survey}
)
"""`jsonNode.kind` → how it is rendered."""
