"""The customer feedback template: one screen with one question.

Source: https://developers.facebook.com/docs/messenger-platform/send-messages/templates/customer-feedback-template
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules.attempt import as_object, bad, one_of
from messenger_sandbox.rules.shapes import (
    Check,
    any_text,
    choice,
    first,
    items,
    matching,
    may,
    need,
    number,
    shape,
    text,
    url,
)

SCORE_OPTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "csat": frozenset({"one_to_five", "five_stars", "five_emojis"}),
        "nps": frozenset({"zero_to_ten"}),
        "ces": frozenset({"one_to_seven"}),
        "free_form": frozenset(),
    }
)
"""By type of question: how its scale may be shown. A free text has none."""

_follow_up: Final = shape({"type": need(choice({"free_form"})), "placeholder": may(any_text), "title": may(any_text)})
_id_form: Final = matching(r"[A-Za-z0-9_]+", "letters, digits and underscores")


def _question_id(value: Any, where: str) -> GraphError | None:
    return first(text("feedback.question_id")(value, where), _id_form(value, where))


_question: Final = shape(
    {
        "id": need(_question_id),
        "type": need(choice(SCORE_OPTIONS)),
        "title": may(any_text),
        "placeholder": may(any_text),
        "score_label": may(any_text),
        "score_option": may(any_text),
        "follow_up": may(_follow_up),
    }
)


def _question_with_its_scale(value: Any, where: str) -> GraphError | None:
    question = as_object(value)
    option, kind = question.get("score_option"), question.get("type")
    fault = _question(value, where)
    if fault is None and option is not None and not one_of(option, SCORE_OPTIONS[str(kind)]):
        return bad(f"Param {where}[score_option] does not fit questions of type {kind}")
    return fault


_screen: Final = shape({"questions": need(items("feedback.questions", _question_with_its_scale))})

FEEDBACK: Final[Check] = shape(
    {
        "template_type": need(any_text),
        "title": need(text("feedback.title")),
        "subtitle": may(text("feedback.subtitle")),
        "button_title": may(text("feedback.button_title")),
        "feedback_screens": need(items("feedback.screens", _screen)),
        "business_privacy": need(shape({"url": need(url)})),
        "expires_in_days": may(number("feedback.expires_in_days")),
    }
)
