"""Fills `MessengerContext`: what Messenger says and CIM has no field for.

Each reader takes the object in which Facebook says it. What no typed field holds goes to `more` under Facebook's keys.
"""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.events import Event
from cim_messenger.inbound.fields import (
    elements,
    flag,
    identifier,
    integer,
    json_of,
    members,
    optional_text,
    text_of,
    time_ms,
    timestamp,
    without,
)
from expertflow.connector.v1.messenger_context_pb2 import (
    AdContext,
    Feedback,
    FeedbackAnswer,
    MessengerContext,
    OptIn,
    Referral,
)

ENVELOPE: Final = ("sender", "recipient", "timestamp")
"""The members around every event."""

MAX_SCREEN: Final = 2**31 - 1

REFERRAL_FIELDS: Final = (
    "ref",
    "source",
    "type",
    "ad_id",
    "referer_uri",
    "is_guest_user",
    "product",
    "ads_context_data",
)

AD_FIELDS: Final = ("ad_title", "photo_url", "video_url", "post_id", "product_id", "flow_id")


def base_context(event: Event) -> MessengerContext:
    """What holds for every event: standby, the referral beside or in it, and the rest of the item in `more`."""
    return MessengerContext(standby=event.place.value == "standby", referral=referral_of(_referral_value(event)))


def add_more(context: MessengerContext, event: Event, rest: JsonObject) -> None:
    """Puts what is left of the event into `more`: `rest`, siblings of the event, unknown members of what was read."""
    more: JsonObject = {
        **without(event.item, *ENVELOPE, event.key, "referral"),
        **rest,
        "sender": without(event.item.get("sender"), "id"),
        "recipient": without(event.item.get("recipient"), "id"),
        "referral": _referral_rest(members(_referral_value(event))),
    }
    held: JsonObject = {key: value for key, value in more.items() if value not in (None, {})}
    if held:
        context.more.CopyFrom(json_of(held))


def referral_of(value: JsonValue) -> Referral | None:
    """How the customer came; None if nothing says so."""
    referral = members(value)
    if not referral:
        return None
    ad = members(referral.get("ads_context_data"))
    return Referral(
        ref=optional_text(referral.get("ref")),
        source=text_of(referral.get("source")),
        type=text_of(referral.get("type")),
        ad_id=identifier(referral.get("ad_id")),
        referer_uri=text_of(referral.get("referer_uri")),
        guest_user=flag(referral.get("is_guest_user")),
        product_id=identifier(members(referral.get("product")).get("id")),
        ad_context=_ad_of(ad) if ad else None,
    )


def opt_in_of(value: JsonValue) -> OptIn:
    """An opt-in in any of its forms."""
    optin = members(value)
    return OptIn(
        type=text_of(optin.get("type")),
        payload=text_of(optin.get("payload")),
        title=text_of(optin.get("title")),
        ref=text_of(optin.get("ref")),
        source=text_of(optin.get("source")),
        user_ref=identifier(optin.get("user_ref")),
        notification_messages_token=text_of(optin.get("notification_messages_token")),
        notification_messages_topic=text_of(optin.get("notification_messages_topic")) or text_of(optin.get("topic")),
        notification_messages_timezone=text_of(optin.get("notification_messages_timezone")),
        token_expire_time=timestamp(time_ms(optin.get("token_expiry_timestamp"))),
        user_token_status=text_of(optin.get("user_token_status")),
        notification_messages_status=text_of(optin.get("notification_messages_status")),
    )


def feedback_of(value: JsonValue) -> Feedback | None:
    """The answers to a feedback template; None if it holds none."""
    screens = elements(members(value).get("feedback_screens"))
    answers = [answer for screen in screens for answer in _answers_on(members(screen))]
    return Feedback(answers=answers) if answers else None


def _answers_on(screen: JsonObject) -> list[FeedbackAnswer]:
    number = integer(screen.get("screen_id")) or 0
    return [
        FeedbackAnswer(
            screen_id=number if 0 <= number <= MAX_SCREEN else 0,
            question_id=identifier(name),
            type=text_of(members(question).get("type")),
            payload=text_of(members(question).get("payload")),
            follow_up=optional_text(members(members(question).get("follow_up")).get("payload")),
        )
        for name, question in members(screen.get("questions")).items()
    ]


def _ad_of(ad: JsonObject) -> AdContext:
    return AdContext(
        title=text_of(ad.get("ad_title")),
        photo_url=text_of(ad.get("photo_url")),
        video_url=text_of(ad.get("video_url")),
        post_id=identifier(ad.get("post_id")),
        product_id=identifier(ad.get("product_id")),
        flow_id=identifier(ad.get("flow_id")),
    )


def _referral_rest(referral: JsonObject) -> JsonObject:
    ad = without(referral.get("ads_context_data"), *AD_FIELDS)
    rest = without(referral, *REFERRAL_FIELDS)
    return {**rest, "ads_context_data": ad} if ad else rest


def _referral_value(event: Event) -> JsonValue:
    if event.key == "referral":
        return event.payload
    return members(event.payload).get("referral") or event.item.get("referral")
