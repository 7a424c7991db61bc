from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.errors import ErrorName, refusal
from messenger_sandbox.rules import ACTION_RULES, MESSAGE_RULES, SendAttempt, judge, recipient_psid
from messenger_sandbox.rules.attempt import utf16_units
from messenger_sandbox.rules.content import CONTENT_RULES
from messenger_sandbox.threads import Routing
from messenger_sandbox.world import Conversation, Message, Page, Person

PAGE = Page(page_id="100200300400500", token="t")
PERSON = Person(psid="7001002003004005", page_id="100200300400500")
ROUTED = Page(page_id=PAGE.page_id, token="t", routing=Routing(default_app_id="263902037430900"))
NOW_MS = 1_794_300_000_000
WROTE_MS = NOW_MS - 60_000

OK = None
BAD = (100, None)
EMPTY = (100, 2018034)
OUTSIDE = (10, 2018278)

Verdict = tuple[int, int | None] | None


def written_to(mid: str = "m_asked") -> Conversation:
    conversation = Conversation()
    conversation.add(Message(mid=mid, from_person=True, sent_ms=WROTE_MS, content={"text": "hi"}))
    conversation.open_window(WROTE_MS)
    return conversation


def attempt(
    params: dict[str, Any],
    *,
    person: Person | None = PERSON,
    page: Page = PAGE,
    conversation: Conversation | None = None,
    now_ms: int = NOW_MS,
) -> SendAttempt:
    named = "comment_id" in (params.get("recipient") or {})
    return SendAttempt(
        params={"recipient": {"id": PERSON.psid}, **params},
        person=None if named else person,
        page=page,
        conversation=conversation or written_to(),
        now_ms=now_ms,
        personas={"300"},
        domains=("https://cc.example/shop",),
    )


def verdict(judged: SendAttempt) -> Verdict:
    error = judge(judged)
    return None if error is None else (error.code, error.subcode)


def message(**message: Any) -> dict[str, Any]:
    return {"messaging_type": "RESPONSE", "message": message}


def text(text: object) -> dict[str, Any]:
    return message(text=text)


def media(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


def chips(*chips: Any) -> dict[str, Any]:
    return message(text="Which?", quick_replies=list(chips))


def chip(**changes: Any) -> dict[str, Any]:
    return {"content_type": "text", "title": "Sales", "payload": "SALES"} | changes


def extended(url: str, *, extensions: bool = True) -> dict[str, Any]:
    link = {"type": "web_url", "url": url, "title": "Open", "messenger_extensions": extensions}
    return message(attachment=media("template", template_type="button", text="t", buttons=[link]))


PICTURE = media("image", url="https://cc.example/1.jpg")
BUTTON = {"type": "postback", "title": "Agent", "payload": "AGENT"}
HI = text("hi")
UTILITY = {"name": "shipped", "language": {"code": "en_US"}}

ROWS: list[tuple[str, dict[str, Any], Verdict]] = [
    ("a plain text", HI, OK),
    ("no recipient", HI | {"recipient": None}, BAD),
    ("an empty recipient", HI | {"recipient": {}}, BAD),
    ("a recipient that is no object", HI | {"recipient": "7001002003004005"}, BAD),
    ("two addresses", HI | {"recipient": {"id": PERSON.psid, "user_ref": "r"}}, BAD),
    ("an unknown kind of address", HI | {"recipient": {"email": "a@b.example"}}, BAD),
    ("no message", {"messaging_type": "RESPONSE"}, EMPTY),
    ("an empty message", {"messaging_type": "RESPONSE", "message": {}}, EMPTY),
    ("a message that is no object", {"messaging_type": "RESPONSE", "message": "hi"}, BAD),
    ("nothing but metadata", message(metadata="x"), EMPTY),
    ("no messaging type", {"message": {"text": "hi"}}, BAD),
    ("an unknown messaging type", HI | {"messaging_type": "PROMOTION"}, BAD),
    ("a messaging type that is a list", HI | {"messaging_type": ["RESPONSE"]}, BAD),
    ("an update inside the window", HI | {"messaging_type": "UPDATE"}, OK),
    ("a tag without MESSAGE_TAG", HI | {"tag": "HUMAN_AGENT"}, BAD),
    ("MESSAGE_TAG without a tag", HI | {"messaging_type": "MESSAGE_TAG"}, BAD),
    ("a human agent's answer", HI | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, OK),
    ("a retired tag", HI | {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, BAD),
    ("the feedback tag with a text", HI | {"messaging_type": "MESSAGE_TAG", "tag": "CUSTOMER_FEEDBACK"}, BAD),
    ("a silent push", HI | {"notification_type": "SILENT_PUSH"}, OK),
    ("an unknown push", HI | {"notification_type": "LOUD"}, BAD),
    ("an empty text", text(""), EMPTY),
    ("a blank text", text(" \n\t"), EMPTY),
    ("a text that is a number", text(7), BAD),
    ("1999 characters", text("a" * 1999), OK),
    ("2000 characters", text("a" * 2000), BAD),
    ("999 emoji and one letter, 1999 units", text("👍" * 999 + "a"), OK),
    ("1000 emoji, 2000 units", text("👍" * 1000), BAD),
    ("text and attachment", message(text="hi", attachment=PICTURE), BAD),
    ("a picture by URL", message(attachment=PICTURE), OK),
    ("a file by id", message(attachment=media("file", attachment_id="1857777774821032")), OK),
    ("an attachment by both", message(attachment=media("file", attachment_id="1", url="https://cc.example/1")), BAD),
    ("an attachment by neither", message(attachment=media("file")), BAD),
    ("an unknown attachment type", message(attachment=media("hologram", url="https://cc.example/1")), BAD),
    ("an attachment without a web address", message(attachment=media("image", url="file:///etc/hosts")), BAD),
    ("an attachment that is a list", message(attachment=[]), BAD),
    ("ten pictures", message(attachments=[PICTURE] * 10), OK),
    ("eleven pictures", message(attachments=[PICTURE] * 11), (105, None)),
    ("no pictures", message(attachments=[]), (194, None)),
    ("pictures that are an object", message(attachments={}), BAD),
    ("a video among pictures", message(attachments=[PICTURE, media("video", url="https://cc.example/v.mp4")]), BAD),
    (
        "a template",
        message(attachment=media("template", template_type="button", text="t", buttons=[BUTTON])),
        OK,
    ),
    ("a retired template", message(attachment=media("template", template_type="list")), BAD),
    ("a sticker", message(sticker_id=369239263222822), OK),
    ("a sticker as a string", message(sticker_id="369239263222822"), OK),
    ("a sticker that is true", message(sticker_id=True), BAD),
    ("a sticker that is none", message(sticker_id="thumb"), BAD),
    ("a utility template", {"messaging_type": "UTILITY", "message": {"template": UTILITY}}, OK),
    ("a utility template as an answer", message(template=UTILITY), BAD),
    (
        "a utility template without a language",
        {"messaging_type": "UTILITY", "message": {"template": {"name": "x"}}},
        BAD,
    ),
    ("a utility text", HI | {"messaging_type": "UTILITY"}, BAD),
    (
        "a utility template in an attachment",
        {"messaging_type": "UTILITY", "message": {"attachment": media("template", template_type="utility")}},
        BAD,
    ),
    ("a quote inside the message", message(text="hi", reply_to={"mid": "m_asked"}), BAD),
    ("an extended link to a listed domain", extended("https://cc.example/t/1"), OK),
    ("an extended link to elsewhere", extended("https://elsewhere.example/"), (100, 2018062)),
    ("a plain link to elsewhere", extended("https://elsewhere.example/", extensions=False), OK),
    ("a persona", HI | {"persona_id": "300"}, OK),
    ("a persona nobody made", HI | {"persona_id": "301"}, BAD),
    ("a persona's typing", {"sender_action": "typing_on", "persona_id": "300"}, OK),
    ("typing of a persona nobody made", {"sender_action": "typing_on", "persona_id": "301"}, BAD),
    ("a pass with the message", HI | {"thread_control": {"app_id": "263902037430900", "control_type": "pass"}}, OK),
    ("a release with the message", HI | {"thread_control": {"control_type": "release"}}, OK),
    ("a pass to nobody", HI | {"thread_control": {"control_type": "pass"}}, BAD),
    ("a take with the message", HI | {"thread_control": {"control_type": "take"}}, BAD),
    ("a reply to a comment nobody wrote", HI | {"recipient": {"comment_id": "9001_9555"}}, (100, 2018292)),
    ("metadata of 999", message(text="hi", metadata="m" * 999), OK),
    ("metadata of 1000", message(text="hi", metadata="m" * 1000), BAD),
    ("metadata that is an object", message(text="hi", metadata={}), BAD),
    ("13 quick replies", chips(*[chip()] * 13), OK),
    ("14 quick replies", chips(*[chip()] * 14), (105, None)),
    ("an empty list of quick replies", chips(), (194, None)),
    ("quick replies that are an object", message(text="?", quick_replies={}), BAD),
    ("a long title, which Facebook cuts", chips(chip(title="t" * 80)), OK),
    ("a quick reply without a title", chips(chip(title="")), BAD),
    ("a quick reply without a payload", chips(chip(payload="")), BAD),
    ("a payload of 1000", chips(chip(payload="p" * 1000)), OK),
    ("a payload of 1001", chips(chip(payload="p" * 1001)), BAD),
    ("a phone chip", chips({"content_type": "user_phone_number"}), OK),
    ("a location chip, which is gone", chips({"content_type": "location"}), BAD),
    ("a quick reply that is a string", chips("Sales"), BAD),
    ("quick replies alone", message(quick_replies=[chip()]), EMPTY),
    ("a quote of the person's message", HI | {"reply_to": {"mid": "m_asked"}}, OK),
    ("a quote of an unknown message", HI | {"reply_to": {"mid": "m_never"}}, BAD),
    ("a quote without a mid", HI | {"reply_to": {}}, BAD),
    ("a quote with a list as mid", HI | {"reply_to": {"mid": ["m_asked"]}}, BAD),
    ("typing", {"sender_action": "typing_on"}, OK),
    ("an unknown action", {"sender_action": "wave"}, BAD),
    ("an action with a message", HI | {"sender_action": "typing_on"}, (100, 2018014)),
    ("a reaction", {"sender_action": "react", "payload": {"message_id": "m_asked", "reaction": "😊"}}, OK),
    ("a reaction without a reaction", {"sender_action": "react", "payload": {"message_id": "m_asked"}}, BAD),
    (
        "a reaction that is no text",
        {"sender_action": "react", "payload": {"message_id": "m_asked", "reaction": {"emoji": "😊"}}},
        BAD,
    ),
    ("the news tag", HI | {"messaging_type": "MESSAGE_TAG", "tag": "NON_PROMOTIONAL_SUBSCRIPTION"}, (10, 2018065)),
    ("a reaction to nothing", {"sender_action": "react", "payload": {"reaction": "😊"}}, BAD),
    ("an unreaction", {"sender_action": "unreact", "payload": {"message_id": "m_asked"}}, OK),
    (
        "an unreaction with a reaction",
        {"sender_action": "unreact", "payload": {"message_id": "m_asked", "reaction": "😊"}},
        BAD,
    ),
]


@pytest.mark.parametrize(("params", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_request_inside_the_window_is_judged_by_its_parameters(params: dict[str, Any], expected: Verdict) -> None:
    assert verdict(attempt(params)) == expected


def test_a_stranger_is_not_a_matching_user() -> None:
    assert verdict(attempt(HI, person=None)) == (100, 2018001)


def test_a_person_who_left_cannot_be_reached() -> None:
    gone = Person(psid=PERSON.psid, page_id=PERSON.page_id, reachable=False)
    assert verdict(attempt(HI, person=gone)) == (551, 1545041)


RESPONSE = HI
TAGGED = HI | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
TEMPLATE = {"messaging_type": "UTILITY", "message": {"template": UTILITY}}
STICKER = message(sticker_id=369239263222822)
TAGGED_STICKER = STICKER | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


@pytest.mark.parametrize(
    ("params", "age_ms", "expected"),
    [
        pytest.param(RESPONSE, DAY_MS - 1, OK, id="an answer just inside 24 h"),
        pytest.param(RESPONSE, DAY_MS, OUTSIDE, id="an answer at 24 h"),
        pytest.param(RESPONSE | {"messaging_type": "UPDATE"}, DAY_MS, OUTSIDE, id="an update at 24 h"),
        pytest.param(TAGGED, DAY_MS, OK, id="a human agent at 24 h"),
        pytest.param(TAGGED, 7 * DAY_MS - 1, OK, id="a human agent just inside 7 d"),
        pytest.param(TAGGED, 7 * DAY_MS, OUTSIDE, id="a human agent at 7 d"),
        pytest.param(TAGGED_STICKER, DAY_MS - 1, OK, id="a human agent's sticker just inside 24 h"),
        pytest.param(TAGGED_STICKER, DAY_MS, OUTSIDE, id="a human agent's sticker at 24 h"),
        pytest.param(TEMPLATE, 30 * DAY_MS, OK, id="a utility message after a month"),
        pytest.param({"sender_action": "typing_on"}, 30 * DAY_MS, OK, id="typing after a month"),
        pytest.param(RESPONSE | {"reply_to": {"mid": "m_asked"}}, DAY_MS - 1, OK, id="a quote just inside 24 h"),
        pytest.param(TAGGED | {"reply_to": {"mid": "m_asked"}}, DAY_MS, BAD, id="a quote at 24 h"),
    ],
)
def test_the_window_is_judged_by_the_age_of_the_persons_last_action(
    params: dict[str, Any], age_ms: int, expected: Verdict
) -> None:
    assert verdict(attempt(params, now_ms=WROTE_MS + age_ms)) == expected


def test_who_never_did_anything_is_outside_the_window() -> None:
    assert verdict(attempt(RESPONSE, conversation=Conversation())) == OUTSIDE


@pytest.mark.parametrize("age_ms", [0, DAY_MS])
def test_a_page_without_the_feature_gets_code_10_without_a_subcode(age_ms: int) -> None:
    plain = Page(page_id=PAGE.page_id, token="t", human_agent=False)
    assert verdict(attempt(TAGGED, page=plain, now_ms=WROTE_MS + age_ms)) == (10, None)


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        pytest.param(media("file"), OK, id="its own bytes"),
        pytest.param({"type": "file"}, OK, id="its own bytes and no payload"),
        pytest.param(PICTURE, BAD, id="a URL too"),
        pytest.param(media("file", attachment_id="1857777774821032"), BAD, id="an id too"),
    ],
)
def test_a_file_that_came_with_the_call_is_the_only_source(attachment: dict[str, Any], expected: Verdict) -> None:
    assert verdict(replace(attempt(message(attachment=attachment)), has_file=True)) == expected


def test_a_recipient_may_be_a_json_number() -> None:
    assert recipient_psid({"recipient": {"id": 7001002003004005}}) == "7001002003004005"


@pytest.mark.parametrize("recipient", [None, [], {"id": True}, {"id": None}, {"id": {}}])
def test_a_recipient_of_another_shape_names_nobody(recipient: object) -> None:
    assert recipient_psid({"recipient": recipient}) is None


def test_text_is_measured_in_utf16_units() -> None:
    sample = "aß€👍👨‍👩‍👧"
    assert utf16_units(sample) == len(sample.encode("utf-16-le")) // 2


def test_every_rule_refuses_something() -> None:
    """Each rule of the tables must be the one that speaks in at least one row, else it could be deleted unseen."""
    cases = [attempt(params) for _, params, _ in ROWS] + [
        attempt(HI, person=None),
        attempt(HI, person=Person(psid=PERSON.psid, page_id=PERSON.page_id, reachable=False)),
        attempt(TAGGED, page=Page(page_id=PAGE.page_id, token="t", human_agent=False)),
        attempt(RESPONSE, conversation=Conversation()),
        attempt(TAGGED_STICKER, now_ms=WROTE_MS + DAY_MS),
        attempt(HI, page=ROUTED),
    ]
    speaking = set()
    for case in cases:
        rules = ACTION_RULES if case.is_action else MESSAGE_RULES
        first = next((rule for rule in rules if rule(case) is not None), None)
        speaking.add(first)
    assert set(ACTION_RULES) | set(MESSAGE_RULES) == speaking - {None}


def test_every_content_is_both_taken_and_refused_in_a_row() -> None:
    for key in CONTENT_RULES:
        verdicts = {expected for _, params, expected in ROWS if key in (params.get("message") or {})}
        assert OK in verdicts, key
        assert verdicts - {OK}, key


def test_an_empty_message_has_its_own_error() -> None:
    assert judge(attempt(text(""))) == refusal(ErrorName.MESSAGE_EMPTY)
