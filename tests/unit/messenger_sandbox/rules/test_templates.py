from __future__ import annotations

from typing import Any

import pytest

from messenger_sandbox.rules.buttons import BUTTONS
from messenger_sandbox.rules.templates import TEMPLATES, template
from messenger_sandbox.rules.utility import UTILITY_TEMPLATE

Verdict = tuple[int, int | None] | None

OK = None
BAD = (100, None)
MANY = (105, None)
FEW = (194, None)

LINK = {"type": "web_url", "title": "Track", "url": "https://cc.example/t/1"}
TAP = {"type": "postback", "title": "Agent", "payload": "AGENT"}
CALL = {"type": "phone_number", "title": "Call us", "payload": "+923001234567"}
PICTURE = {"url": "https://cc.example/1.jpg"}


def verdict(kind: str, **payload: Any) -> Verdict:
    error = template({"template_type": kind, **payload}, "message[attachment][payload]")
    return None if error is None else (error.code, error.subcode)


def button(**changes: Any) -> dict[str, Any]:
    return {"template_type": "button", "text": "Which?", "buttons": [TAP]} | changes


def generic(**changes: Any) -> dict[str, Any]:
    return {"template_type": "generic", "elements": [{"title": "Order", "subtitle": "Shipped"} | changes]}


def media(**changes: Any) -> dict[str, Any]:
    return {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": "1857"} | changes]}


def receipt(**changes: Any) -> dict[str, Any]:
    return {
        "template_type": "receipt",
        "recipient_name": "Ali Raza",
        "order_number": "A-1001",
        "currency": "PKR",
        "payment_method": "Visa 1234",
        "summary": {"total_cost": 4500},
    } | changes


def grid(**changes: Any) -> dict[str, Any]:
    return {"template_type": "image_grid", "elements": [{"images": [PICTURE, PICTURE]} | changes]}


def feedback(question: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    asked = {"id": "csat_1", "type": "csat"} | (question or {})
    return {
        "template_type": "customer_feedback",
        "title": "Rate us",
        "button_title": "Rate",
        "feedback_screens": [{"questions": [asked]}],
        "business_privacy": {"url": "https://cc.example/privacy"},
    } | changes


def coupon(**changes: Any) -> dict[str, Any]:
    return {"template_type": "coupon", "title": "10% off", "coupon_code": "TEN"} | changes


def product(*elements: Any) -> dict[str, Any]:
    return {"template_type": "product", "elements": list(elements)}


ROWS: list[tuple[str, dict[str, Any], Verdict]] = [
    ("a button template", button(), OK),
    ("three kinds of buttons", button(buttons=[LINK, TAP, CALL]), OK),
    ("a button template without a text", button(text=None), BAD),
    ("a button template with a blank text", button(text=" "), BAD),
    ("a button template without buttons", button(buttons=[]), FEW),
    ("four buttons", button(buttons=[TAP] * 4), MANY),
    ("a button of no known type", button(buttons=[TAP | {"type": "element_share"}]), BAD),
    ("a button that is a string", button(buttons=["Agent"]), BAD),
    ("a button without a title", button(buttons=[TAP | {"title": ""}]), BAD),
    ("a link without a URL", button(buttons=[LINK | {"url": None}]), BAD),
    ("a link that is no web address", button(buttons=[LINK | {"url": "tel:123"}]), BAD),
    ("a link in a tall view", button(buttons=[LINK | {"webview_height_ratio": "tall"}]), OK),
    ("a link in a huge view", button(buttons=[LINK | {"webview_height_ratio": "huge"}]), BAD),
    ("a link with a payload", button(buttons=[LINK | {"payload": "P"}]), BAD),
    ("a phone number in words", button(buttons=[CALL | {"payload": "call me"}]), BAD),
    ("a login", button(buttons=[{"type": "account_link", "url": "https://cc.example/login"}]), OK),
    (
        "a login with a title",
        button(buttons=[{"type": "account_link", "url": "https://cc.example/", "title": "x"}]),
        BAD,
    ),
    ("a logout", button(buttons=[{"type": "account_unlink"}]), OK),
    ("a misspelt key", button(txt="Which?"), BAD),
    ("a generic template", generic(), OK),
    ("a full element", generic(image_url="https://cc.example/a.jpg", buttons=[LINK, TAP, CALL]), OK),
    ("a square picture", generic() | {"image_aspect_ratio": "square"}, OK),
    ("a round picture", generic() | {"image_aspect_ratio": "round"}, BAD),
    ("an element of a title alone", generic(subtitle=None), BAD),
    ("an element without a title", generic(title=None), BAD),
    ("an element that is a string", {"template_type": "generic", "elements": ["Order"]}, BAD),
    ("no elements", {"template_type": "generic", "elements": []}, FEW),
    ("a tap on the element", generic(default_action={"type": "web_url", "url": "https://cc.example/"}), OK),
    ("a tap on the element with a title", generic(default_action=LINK), BAD),
    ("a tap on the element that posts back", generic(default_action=TAP), BAD),
    ("media by id", media(), OK),
    ("media by a link to Facebook", media(attachment_id=None, url="https://www.facebook.com/p/videos/1/"), OK),
    ("media by a link to elsewhere", media(attachment_id=None, url="https://cc.example/p.jpg"), (100, 2018184)),
    ("media by a lookalike", media(attachment_id=None, url="https://notfacebook.com/p.jpg"), (100, 2018184)),
    ("media by neither", media(attachment_id=None), (100, 2018183)),
    ("media by both", media(url="https://www.facebook.com/p/1"), BAD),
    ("media that is a sound", media(media_type="audio"), (100, 2018182)),
    ("media with a button", media(buttons=[TAP]), OK),
    ("media with a title", media(title="x"), BAD),
    ("a receipt", receipt(), OK),
    ("a receipt with an element", receipt(elements=[{"title": "Chair", "price": 4500.5, "quantity": 1}]), OK),
    ("a receipt with a free element", receipt(elements=[{"title": "Chair", "price": 0}]), OK),
    ("a receipt's element without a price", receipt(elements=[{"title": "Chair"}]), BAD),
    ("a receipt without a total", receipt(summary={"subtotal": 1}), BAD),
    ("a receipt without an order number", receipt(order_number=None), BAD),
    ("a receipt in no currency", receipt(currency="rupees"), BAD),
    ("a receipt that owes", receipt(summary={"total_cost": -1}), BAD),
    ("a receipt's time in words", receipt(timestamp="yesterday"), BAD),
    ("a receipt with half an address", receipt(address={"street_1": "1 Mall Road"}), BAD),
    ("a receipt with a discount", receipt(adjustments=[{"name": "Discount", "amount": 50}]), OK),
    ("a receipt with a nameless discount", receipt(adjustments=[{"amount": 50}]), BAD),
    ("a coupon", coupon(), OK),
    ("a coupon by link", coupon(coupon_code=None, coupon_url="https://cc.example/c"), OK),
    ("a coupon without a code", coupon(coupon_code=None), BAD),
    ("products", product({"id": "5678901234"}, {"id": 5678901235}), OK),
    ("a product that is none", product({"id": "chair"}), (100, 2018320)),
    ("no products", product(), FEW),
    ("a survey", feedback(), OK),
    ("a survey with stars", feedback({"score_label": "neg_pos", "score_option": "five_stars"}), OK),
    ("a survey with eleven steps", feedback({"type": "nps", "score_option": "zero_to_ten"}), OK),
    ("a recommendation in stars", feedback({"type": "nps", "score_option": "five_stars"}), BAD),
    ("a survey of no known type", feedback({"type": "mood"}), BAD),
    ("a survey with a dash in its id", feedback({"id": "csat-1"}), BAD),
    ("a survey that asks on", feedback({"follow_up": {"type": "free_form", "placeholder": "More?"}}), OK),
    ("a survey without privacy", feedback(business_privacy=None), BAD),
    ("a survey without screens", feedback(feedback_screens=[]), FEW),
    ("a survey that never ends", feedback(expires_in_days="7"), BAD),
    ("two pictures", grid(), OK),
    ("a picture to tap", grid(images=[PICTURE, PICTURE | {"action": {"type": "postback", "payload": "P"}}]), OK),
    ("a picture that leads on", grid(images=[PICTURE, PICTURE | {"action": {"type": "web_url", "url": "x"}}]), BAD),
    ("a picture that dials", grid(images=[PICTURE, PICTURE | {"action": CALL}]), BAD),
    ("one hero", grid(images=[PICTURE, PICTURE | {"is_hero_image": True}]), OK),
    ("two heroes", grid(images=[PICTURE | {"is_hero_image": True}] * 2), BAD),
    ("a picture without a link", grid(images=[PICTURE, {}]), BAD),
    ("a grid with a phone button", grid(buttons=[CALL]), BAD),
    ("a form", {"template_type": "instant_form", "form_id": "7788990011"}, OK),
    ("a form that is none", {"template_type": "instant_form", "form_id": "0"}, (1, 2018382)),
    ("a request for data", {"template_type": "customer_information", "screens": []}, OK),
    ("an opt-in", {"template_type": "notification_messages", "title": "News", "payload": "P"}, OK),
    ("an opt-in without a payload", {"template_type": "notification_messages", "title": "News"}, BAD),
    ("a list, which is gone", {"template_type": "list", "elements": []}, BAD),
    ("a template of no kind", {"text": "x"}, BAD),
]


@pytest.mark.parametrize(("payload", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_template_is_judged_by_its_payload(payload: dict[str, Any], expected: Verdict) -> None:
    error = template(payload, "message[attachment][payload]")
    assert (None if error is None else (error.code, error.subcode)) == expected


def test_every_kind_is_both_taken_and_refused_in_a_row() -> None:
    seen = {
        (kind, expected is OK)
        for _, payload, expected in ROWS
        if isinstance(kind := payload.get("template_type"), str) and kind in TEMPLATES
    }
    anything_goes = {"customer_information"}
    assert seen == {(kind, ok) for kind in TEMPLATES for ok in (True, False)} - {
        (kind, False) for kind in anything_goes
    }


@pytest.mark.parametrize("kind", BUTTONS)
def test_every_button_refuses_what_it_lacks_or_knows_not(kind: str) -> None:
    wrong = {"type": kind, "title": 7, "colour": "red"}
    assert verdict("button", text="t", buttons=[wrong]) == BAD


def test_a_refusal_says_where() -> None:
    error = template(generic(buttons=[TAP, TAP | {"title": "t" * 21}]), "message[attachment][payload]")
    assert error is not None
    where = "message[attachment][payload][elements][0][buttons][1][title]"
    assert error.message == f"(#100) Length of param {where} must be less than or equal to 20"


BODY = {"type": "body", "parameters": [{"type": "text", "text": "A-1001"}]}
TAPS = {"type": "buttons", "parameters": [{"type": "POSTBACK", "payload": "ORDER"}]}


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        pytest.param([BODY, TAPS], OK, id="body and buttons"),
        pytest.param(None, OK, id="none"),
        pytest.param([TAPS, TAPS], MANY, id="buttons in two components"),
        pytest.param([{"type": "footer"}], BAD, id="a footer"),
        pytest.param([{"type": "body", "parameters": [{}]}], BAD, id="a parameter without a type"),
        pytest.param("body", BAD, id="a string"),
    ],
)
def test_a_utility_template_is_judged_by_its_components(components: object, expected: Verdict) -> None:
    asked = {"name": "shipped", "language": {"code": "en_US"}, "components": components}
    error = UTILITY_TEMPLATE(asked, "message[template]")
    assert (None if error is None else (error.code, error.subcode)) == expected
