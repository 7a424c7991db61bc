"""Answers to surveys: their questions under the ids they were sent with, and the message that asked.

Facebook's event names the questions only; in surveys of ours their ids carry that of the message, see `survey_ids`.
"""

from __future__ import annotations

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.fields import elements, members
from cim_messenger.survey_ids import untied


def answered(value: JsonValue) -> tuple[JsonValue, str]:
    """The payload with the questions' own ids, and the CIM id of the message that asked; empty if it is not ours."""
    asked = [name for screen in elements(members(value).get("feedback_screens")) for name in _questions(screen)]
    cim_ids = [cim_id for _, cim_id in map(untied, asked) if cim_id]
    if not cim_ids:
        return value, ""
    screens: list[JsonValue] = [_untied_screen(screen) for screen in elements(members(value)["feedback_screens"])]
    return {**members(value), "feedback_screens": screens}, cim_ids[0]


def _untied_screen(screen: JsonValue) -> JsonValue:
    questions = _questions(screen)
    if not questions:
        return screen
    own: JsonObject = {untied(name)[0]: answer for name, answer in questions.items()}
    return {**members(screen), "questions": own}


def _questions(screen: JsonValue) -> JsonObject:
    return members(members(screen).get("questions"))
