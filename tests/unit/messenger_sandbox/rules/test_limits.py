"""Every row of the limits is taken at its limit and refused one beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from messenger_sandbox.errors import GraphError
from messenger_sandbox.media.content import Content
from messenger_sandbox.rules import SendAttempt, judge
from messenger_sandbox.rules.limits import DOCS, LIMITS
from messenger_sandbox.rules.media import content_fault
from messenger_sandbox.rules.profile import persona, profile_fault
from messenger_sandbox.world import Conversation, Page, Person
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PSID

Trial = Callable[[int], GraphError | None]
"""Sends something of this size."""

TAP = {"type": "postback", "title": "Agent", "payload": "AGENT"}
CHIP = {"content_type": "text", "title": "Sales", "payload": "SALES"}
PICTURE = {"type": "image", "payload": {"url": "https://cc.example/1.jpg"}}
ELEMENT = {"title": "Chair", "subtitle": "Blue"}
PNG = b"\x89PNG\r\n\x1a\n"
DEFAULT = {"locale": "default"}
ASK = {"question": "Where is my order?", "payload": "ORDER"}
COMMAND = {"name": "track", "description": "Track an order"}
QUESTION = {"id": "q", "type": "csat"}


def send(message: dict[str, Any], messaging_type: str = "RESPONSE") -> GraphError | None:
    conversation = Conversation()
    conversation.open_window(NOW_MS)
    return judge(
        SendAttempt(
            params={"recipient": {"id": PSID}, "messaging_type": messaging_type, "message": message},
            page=Page(page_id=PAGE_ID, token="t"),
            person=Person(psid=PSID, page_id=PAGE_ID),
            conversation=conversation,
            now_ms=NOW_MS,
        )
    )


def template(kind: str, **payload: Any) -> GraphError | None:
    return send({"attachment": {"type": "template", "payload": {"template_type": kind, **payload}}})


def buttons(*buttons: Any) -> GraphError | None:
    return template("button", text="t", buttons=list(buttons))


def generic(*elements: Any) -> GraphError | None:
    return template("generic", elements=list(elements))


def media(count: int, **changes: Any) -> GraphError | None:
    return template("media", elements=[{"media_type": "image", "attachment_id": "1"} | changes] * count)


def receipt(count: int) -> GraphError | None:
    return template(
        "receipt",
        recipient_name="Ali",
        order_number="A-1",
        currency="PKR",
        payment_method="cash",
        summary={"total_cost": 1},
        elements=[{"title": "Chair", "price": 1}] * count,
    )


def grid(count: int = 1, images: int = 2, **changes: Any) -> GraphError | None:
    element = {"images": [{"url": "https://cc.example/1.jpg"}] * images} | changes
    return template("image_grid", elements=[element] * count)


def feedback(questions: int = 1, screens: int = 1, question: dict[str, Any] | None = None, **changes: Any) -> Any:
    screen = {"questions": [QUESTION | (question or {})] * questions}
    whole = {
        "title": "Rate us",
        "feedback_screens": [screen] * screens,
        "business_privacy": {"url": "https://cc.example"},
    }
    return template("customer_feedback", **(whole | changes))


def utility(buttons: int) -> GraphError | None:
    components = [{"type": "buttons"}] * buttons
    return send(
        {"template": {"name": "x", "language": {"code": "en_US"}, "components": components}}, messaging_type="UTILITY"
    )


def chips(*chips: Any) -> GraphError | None:
    return send({"text": "Which?", "quick_replies": list(chips)})


def profile(**properties: Any) -> GraphError | None:
    return profile_fault(properties, {"get_started": {"payload": "START"}})


def menu(*items: Any) -> GraphError | None:
    return profile(persistent_menu=[DEFAULT | {"call_to_actions": list(items)}])


TRIALS: dict[str, Trial] = {
    "message.text": lambda size: send({"text": "x" * size}),
    "message.metadata": lambda size: send({"text": "x", "metadata": "m" * size}),
    "message.attachments": lambda size: send({"attachments": [PICTURE] * size}),
    "message.quick_replies": lambda size: chips(*[CHIP] * size),
    "quick_reply.payload": lambda size: chips(CHIP | {"payload": "p" * size}),
    "button.title": lambda size: buttons(TAP | {"title": "t" * size}),
    "button.payload": lambda size: buttons(TAP | {"payload": "p" * size}),
    "button_template.text": lambda size: template("button", text="x" * size, buttons=[TAP]),
    "button_template.buttons": lambda size: buttons(*[TAP] * size),
    "generic.elements": lambda size: generic(*[ELEMENT] * size),
    "generic.title": lambda size: generic(ELEMENT | {"title": "t" * size}),
    "generic.subtitle": lambda size: generic({"title": "t", "image_url": "https://cc.example", "subtitle": "s" * size}),
    "generic.buttons": lambda size: generic(ELEMENT | {"buttons": [TAP] * size}),
    "media.elements": media,
    "media.buttons": lambda size: media(1, buttons=[TAP] * size),
    "receipt.elements": receipt,
    "coupon.title": lambda size: template("coupon", title="t" * size, coupon_code="C"),
    "coupon.subtitle": lambda size: template("coupon", title="t", subtitle="s" * size, coupon_code="C"),
    "product.elements": lambda size: template("product", elements=[{"id": "1"}] * size),
    "image_grid.elements": grid,
    "image_grid.images": lambda size: grid(images=size),
    "image_grid.title": lambda size: grid(title="t" * size),
    "image_grid.subtitle": lambda size: grid(subtitle="s" * size),
    "image_grid.buttons": lambda size: grid(buttons=[TAP] * size),
    "feedback.title": lambda size: feedback(title="t" * size),
    "feedback.subtitle": lambda size: feedback(subtitle="s" * size),
    "feedback.button_title": lambda size: feedback(button_title="t" * size),
    "feedback.screens": lambda size: feedback(screens=size),
    "feedback.questions": lambda size: feedback(questions=size),
    "feedback.question_id": lambda size: feedback(question={"id": "q" * size}),
    "feedback.expires_in_days": lambda size: feedback(expires_in_days=size),
    "attachment.bytes": lambda size: content_fault("file", Content(data=bytes(size)), by_url=True),
    "image_by_url.bytes": lambda size: content_fault("image", Content(data=PNG[:size].ljust(size)), by_url=True),
    "greeting.text": lambda size: profile(greeting=[DEFAULT | {"text": "x" * size}]),
    "ice_breakers.questions": lambda size: profile(ice_breakers=[DEFAULT | {"call_to_actions": [ASK] * size}]),
    "menu.items": lambda size: menu(*[TAP] * size),
    "menu.title": lambda size: menu(TAP | {"title": "t" * size}),
    "menu.payload": lambda size: menu(TAP | {"payload": "p" * size}),
    "commands": lambda size: profile(commands=[DEFAULT | {"commands": [COMMAND] * size}]),
    "command.name": lambda size: profile(commands=[DEFAULT | {"commands": [COMMAND | {"name": "n" * size}]}]),
    "command.description": lambda size: profile(
        commands=[DEFAULT | {"commands": [COMMAND | {"description": "d" * size}]}]
    ),
    "persona.name": lambda size: persona(
        {"name": "n" * size, "profile_picture_url": "https://cc.example/1.jpg"}, "persona"
    ),
    "utility.buttons_components": utility,
}


def test_every_limit_is_tried() -> None:
    assert set(TRIALS) == set(LIMITS)


@pytest.mark.parametrize("name", TRIALS)
def test_the_limit_itself_is_taken(name: str) -> None:
    assert TRIALS[name](LIMITS[name].most) is None


@pytest.mark.parametrize("name", TRIALS)
def test_one_beyond_is_refused(name: str) -> None:
    assert TRIALS[name](LIMITS[name].most + 1) is not None


@pytest.mark.parametrize("name", sorted(TRIALS.keys() - {"image_by_url.bytes"}))
def test_the_least_is_taken_and_one_less_is_refused(name: str) -> None:
    least = LIMITS[name].least
    assert TRIALS[name](least) is None
    assert least == 0 or TRIALS[name](least - 1) is not None


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_names_its_page(name: str) -> None:
    assert LIMITS[name].source.startswith(DOCS)
