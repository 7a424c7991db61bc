"""Messages that CCM might send: values that make sense, values at and past Messenger's limits, now and then neither.

Wholly random messages (`cim_strategies`) are nearly all refused; these mostly go, and miss by little where they do not.
"""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from cim_messenger.cim_json import decode
from expertflow.cim.v1.message_pb2 import CimMessage

Tree = SearchStrategy[Any]

SHORT: Final[Tree] = st.sampled_from(
    ["Yes", "Größe M", "👩‍👩‍👧‍👦 Familie", "مرحبا", "Wednesday, 2 December, morning", "a" * 20]
)
LONG: Final[Tree] = st.sampled_from(
    ["b" * 80, "👍🏽" * 60, "c d " * 160, "e" * 641, "f g " * 600, "https://a.example/" + "h" * 700]
)
ODD: Final[Tree] = st.sampled_from(["", " ", "\x00", "\u0301", None, 7])
TEXT: Final[Tree] = SHORT | SHORT | SHORT | LONG | ODD
LINK: Final[Tree] = st.sampled_from(["https://a.example/b.jpg", "http://b.example/?q=1#f"])
ADDRESS: Final[Tree] = (
    LINK | LINK | LINK | st.sampled_from(["ftp://a.example", "https://", "//a.example", "a b", "http://[", "", None])
)
PAYLOAD: Final[Tree] = (
    st.sampled_from(["TOPIC", "x" * 1000]) | LINK | st.sampled_from(["x" * 1001, "+43 1 234567", "", None])
)
AMOUNT: Final[Tree] = st.sampled_from([0, 1, 60, 10**14, 10**14, 10**15, -1, None])


def maybe(**members: Tree) -> Tree:
    """An object with most of these members."""
    return st.fixed_dictionaries({}, optional=members)


def whole(**members: Tree) -> Tree:
    return st.fixed_dictionaries(members)


def some(element: Tree, most: int) -> Tree:
    return st.lists(element, max_size=most)


BUTTON: Final[Tree] = whole(
    title=TEXT,
    payload=PAYLOAD,
    type=st.sampled_from(["String", "String", "web_url", "phone_number", "user_email", "user_phone_number"]),
    additionalButtonDetails=st.none() | whole(url=ADDRESS),
)
ATTACHMENT: Final[Tree] = whole(
    mediaUrl=ADDRESS, mimeType=st.sampled_from([None, "image/png", "video/mp4", "audio/ogg", "x"]), mediaLabel=TEXT
)
MEDIA: Final[Tree] = whole(
    attachment=ATTACHMENT,
    caption=TEXT,
    additionalDetails=st.none() | whole(attachments=some(ATTACHMENT, 12), fileName=TEXT),
)
RAW_BUTTON: Final[Tree] = st.one_of(
    whole(type=st.just("postback"), title=TEXT, payload=PAYLOAD),
    whole(type=st.just("web_url"), title=TEXT, url=ADDRESS),
    whole(type=st.sampled_from(["phone_number", "account_link", "account_unlink", "game_play"]), title=TEXT),
)
QUICK_REPLIES: Final[Tree] = some(
    maybe(content_type=st.sampled_from(["text", "text", "user_email", "location"]), title=TEXT, payload=PAYLOAD), 14
)
QUESTION: Final[Tree] = whole(
    id=st.sampled_from(["csat_1", "q" * 60, "a-b", "a_"]),
    type=st.sampled_from(["csat", "nps", "stars"]),
    score_option=st.sampled_from(["five_stars", "zero_to_ten", None]),
)
SURVEY: Final[Tree] = whole(
    title=TEXT,
    feedback_screens=some(whole(questions=some(QUESTION, 2)), 2),
    business_privacy=whole(url=ADDRESS),
    expires_in_days=st.sampled_from([1, 7, 8, None, "3"]),
)
CARD: Final[Tree] = maybe(title=TEXT, subtitle=TEXT, image_url=ADDRESS, buttons=some(RAW_BUTTON, 4), odd=st.just(1))
TEMPLATE: Final[Tree] = st.one_of(
    whole(template_type=st.just("button"), text=TEXT, buttons=some(RAW_BUTTON, 4)),
    whole(template_type=st.just("generic"), elements=some(CARD, 11)),
    whole(
        template_type=st.just("media"),
        elements=some(
            maybe(
                media_type=st.just("image"),
                url=ADDRESS | st.just("https://www.facebook.com/a"),
                attachment_id=st.just("12"),
            ),
            2,
        ),
    ),
    whole(template_type=st.just("product"), elements=some(whole(id=st.sampled_from(["12", "x"])), 11)),
    whole(template_type=st.just("coupon"), title=TEXT, coupon_code=TEXT),
    whole(template_type=st.sampled_from(["instant_form", "list", "notification_messages", None])),
    SURVEY.map(lambda survey: {**survey, "template_type": "customer_feedback"}),
    whole(
        template_type=st.just("image_grid"),
        elements=some(maybe(title=TEXT, images=some(maybe(url=ADDRESS, is_hero_image=st.booleans()), 7)), 2),
    ),
)
RAW: Final[Tree] = st.one_of(
    maybe(text=TEXT, quick_replies=QUICK_REPLIES),
    maybe(sticker_id=st.sampled_from([369239263222822, "12", "x", -1, 10**40])),
    whole(
        attachment=whole(type=st.sampled_from(["image", "file", "gif"]), payload=maybe(url=ADDRESS, attachment_id=TEXT))
    ),
    whole(attachments=some(whole(type=st.just("image"), payload=whole(url=ADDRESS)), 11)),
    whole(attachment=whole(type=st.sampled_from(["video", "audio"]), payload=whole(url=LINK))),
    whole(attachment=whole(type=st.just("template"), payload=TEMPLATE)),
    st.dictionaries(st.sampled_from(["text", "template", "metadata", "attachment"]), TEXT, max_size=2),
)
RECEIPT: Final[Tree] = whole(
    recipientName=SHORT,
    orderNumber=SHORT | SHORT | ODD,
    currency=st.sampled_from(["EUR", "eur", "€"]),
    paymentMethode=SHORT,
    timestamp=st.sampled_from(["1767225600", "1767225600123", "x", None]),
    elements=some(whole(title=SHORT, price=AMOUNT, quantity=AMOUNT, imageUrl=ADDRESS), 3),
    address=st.none() | maybe(street1=SHORT, city=SHORT, postalCode=SHORT, state=SHORT, country=SHORT),
    summary=whole(totalCost=AMOUNT, subtotal=AMOUNT),
    adjustments=some(whole(name=TEXT, amount=AMOUNT), 2),
)
PARAMETER: Final[Tree] = whole(
    parameterType=st.sampled_from(["text", "payload", "image", None]),
    additionalParameterDetails=whole(text=TEXT, payload=TEXT, image=whole(link=ADDRESS)),
)

BODIES: Final[dict[str, Tree]] = {
    "PLAIN": st.just({}),
    "IMAGE": MEDIA,
    "FILE": MEDIA,
    "MULTIMEDIA": MEDIA,
    "STICKER": whole(stickerId=st.sampled_from(["369239263222822", "x", "1" * 30, None]), mediaUrl=ADDRESS),
    "URL": whole(mediaUrl=ADDRESS | LONG),
    "LOCATION": whole(
        location=whole(latitude=st.floats(-91, 91), longitude=st.floats(-181, 181)),
        additionalDetails=maybe(name=TEXT, address=TEXT, url=ADDRESS | LONG),
    ),
    "CONTACT": whole(contacts=some(whole(name=whole(formattedName=TEXT), phones=some(whole(phone=TEXT), 2)), 3)),
    "BUTTON": whole(
        buttonMessageType=st.sampled_from(["BUTTON", "QUICK_REPLIES", None]),
        buttons=some(BUTTON, 15),
        additionalDetails=st.none() | whole(interactive=maybe(body=TEXT | whole(text=TEXT), header=TEXT)),
    ),
    "CAROUSEL": whole(carouselMessageType=st.just("MEDIA"), elements=some(whole(url=LINK, text=TEXT), 12))
    | whole(
        carouselMessageType=st.sampled_from(["MEDIA", "GENERIC_RICH_MEDIA", None]),
        elements=some(
            maybe(
                text=TEXT,
                url=ADDRESS,
                buttons=some(BUTTON, 4),
                defaultAction=whole(type=st.just("web_url"), url=ADDRESS),
                additionalCarouselElementDetails=whole(subtitle=TEXT),
            ),
            12,
        ),
    ),
    "RECEIPT": RECEIPT,
    "TEMPLATE": whole(
        name=SHORT,
        language=whole(code=st.sampled_from(["en", "en_US", ""]), policy=st.just("deterministic")),
        components=some(
            whole(type=st.sampled_from(["header", "body", "button", None]), parameters=some(PARAMETER, 2)), 4
        ),
    ),
    "CUSTOM": whole(
        jsonNode=RAW
        | SURVEY.map(lambda survey: {**survey, "kind": "customer_feedback"})
        | whole(
            kind=st.just("reaction"),
            action=st.sampled_from(["react", "unreact", "like"]),
            emoji=st.sampled_from(["😊", "👩‍👩‍👧‍👦", "🇦🇹", "love", "x", "😊😊", ""]),
        )
    ),
    "NOTIFICATION": whole(notificationType=st.sampled_from(["TYPING_STARTED", "TYPING_STOPPED", "INFO"])),
    "DELIVERYNOTIFICATION": whole(messageId=SHORT, status=st.sampled_from(["READ", "DELIVERED"])),
}
"""Body type → its fields. What is text elsewhere is sometimes a number here, as free-form JSON may hold."""


def sendable_messages() -> SearchStrategy[CimMessage]:
    """Any of the bodies, sometimes as a reply or an edit."""
    body = st.one_of([_body(body_type, fields) for body_type, fields in BODIES.items()])
    header = maybe(intent=st.sampled_from(["REPLY_TO", "UPDATE", "topic_1"]), originalMessageId=st.just("in-1"))
    message = whole(id=st.sampled_from(["6a0f4d2be4b0a1b2c3d4e5f6", "i" * 128]), header=header, body=body)
    return message.map(lambda tree: decode(json.dumps(tree)))


def _body(body_type: str, fields: Tree) -> Tree:
    return st.tuples(fields, TEXT).map(lambda drawn: {"type": body_type, "markdownText": drawn[1], **drawn[0]})
