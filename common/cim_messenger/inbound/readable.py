"""Words for what has no form in a contact centre, so that an agent sees more than JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.fields import elements, members, text_of, time_ms

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def attachment_text(payload: JsonObject, title: str) -> str:
    """The title and the texts of a template or product, a line each; empty if it holds none."""
    cards = elements(payload.get("elements")) + elements(members(payload.get("product")).get("elements"))
    lines = [title, text_of(payload.get("text")), *map(_card, cards), _buttons(payload)]
    return "\n".join(line for line in lines if line.strip())


def appointment_text(payload: JsonObject) -> str:
    """Such as `Appointment confirmed: 2026-11-24 09:00 – 10:00 UTC (Europe/Berlin)`."""
    status = text_of(payload.get("status"))
    start, end = _moment(payload.get("start_time")), _moment(payload.get("end_time"))
    if start and end[:10] == start[:10]:
        end = end[11:]
    span = f": {' – '.join(filter(None, (start, end)))} UTC" if start else ""
    zone = text_of(payload.get("timezone"))
    return " ".join(filter(None, ("Appointment", status))) + span + (f" ({zone})" if zone else "")


def _card(value: JsonValue) -> str:
    card = members(value)
    said = (text_of(card.get("title")), text_of(card.get("text")), text_of(card.get("subtitle")), _buttons(card))
    return " – ".join(line for line in said if line.strip())


def _buttons(holder: JsonObject) -> str:
    titles = (text_of(members(button).get("title")) for button in elements(holder.get("buttons")))
    return " ".join(f"[{title}]" for title in titles if title)


def _moment(value: JsonValue) -> str:
    milliseconds = time_ms(value)
    if milliseconds is None:
        return ""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).strftime("%Y-%m-%d %H:%M")
