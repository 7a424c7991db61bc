"""What receivers of Messenger webhooks stumbled over in public, and how the sandbox plays it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from messenger_sandbox import FAULTS, FORMS, KNOWN_FIELDS, MEDIA_FAULTS, VARIANTS, EntryKind, PersonHandle
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import OTHER_PSID, PAGE_ID, PSID
from tests.support.webhook_receiver import WebhookReceiver

RELEASE = "WebhookSender.release"
"""Plays by the order of what was held: twice, late, or never."""
LATER = "usage headers come with the limits of sending"

# Each with the forms, variants, faults, errors or means by which it is played.
ODDITIES: dict[str, tuple[str, ...]] = {
    "the same message two or three times, with another time of its entry": (RELEASE,),
    "two identical entries in one body": ("entry_twice", "item_twice"),
    "an entry without messaging": ("entry_without_events", "entry_without_events_before", "entry_with_empty_lists"),
    "a recipient that is not the page of the entry": ("another_recipient",),
    "ids as numbers": ("numeric_ids", "numeric_entry_id"),
    "sticker ids as numbers beyond 31 bits, and as text": ("message.sticker", "message.sticker_text_id"),
    "timestamps in seconds, and as text": (
        "timestamp_in_seconds",
        "timestamp_as_text",
        "timestamp_in_seconds_as_text",
        "referral.lead_incomplete",
        "postback.user_ref",
    ),
    "no timestamp": ("timestamp_missing", "timestamp_null", "delivery.mids", "messaging_feedback.csat"),
    "no sender, or only a reference": (
        "policy_enforcement.block",
        "app_roles.primary",
        "no_sender",
        "user_ref_only",
        "user_ref_beside",
    ),
    "likes without a text, and the sticker's id beside": (
        "message.thumbs_up_small",
        "message.thumbs_up_medium",
        "message.thumbs_up_large",
        "message.legacy_sticker",
        "message.legacy_thumb",
    ),
    "attachments of the type sticker": ("message.sticker", "message.sticker_overlap", "message.unknown_type"),
    "a post whose title stands in the payload": ("message.post", "message.post_without_url"),
    "a link in the payload, or beside a payload of null, and its title as text": (
        "message.fallback",
        "message.fallback_on_attachment",
        "message.fallback_redirect",
        "message.title_as_text",
    ),
    "a link that is empty, or none, or the payload itself": (
        "message.fallback_empty_url",
        "message.fallback_no_url",
        "message.fallback_payload_is_text",
        "message.fallback_bare",
    ),
    "a reel with a relative link": ("message.ig_reel_relative",),
    "a picture and a link in one message": ("message.image_and_fallback",),
    "text and attachments in one message": ("message.text_and_attachments",),
    "content that cannot be shown": ("message.unsupported",),
    "messages taken back, the flag perhaps as text": ("unsend.flag", "unsend.flag_as_text"),
    "edits with a number as text, and before their message": (
        "message_edit.number_as_text",
        "message_edit.number",
        RELEASE,
    ),
    "unreactions without what is taken back": ("unreact.bare",),
    "an echo before the answer to the send": ("echo_first",),
    "an echo long after the send": (RELEASE,),
    "echoes of two pictures, and of a template without content": ("echo.two_images", "echo.template_empty"),
    "nulls and empty texts inside objects": ("nulls", "referral.null_ref", "postback.empty_title"),
    "the samples of the dashboard": ("dashboard_test", "as_change"),
    "comments with an older form of their author": ("feed.comment_legacy_sender", "feed.comment_both_senders"),
    "removed comments without text and time, mentions without author": ("feed.comment_removed", "mention.comment"),
    "ids of replies that begin with the page or with the post": ("feed.reply", "feed.reply_page_prefix"),
    "a page that lost its subscription": (EntryKind.PAGE_UNSUBSCRIBED,),
    "media that cannot be fetched": ("hanging", "not_found", "truncated", "to_cloud_metadata"),
    "answers to an own echo": (ErrorName.NO_MATCHING_USER,),
    "profiles that cannot be read": ("no_profile", "profile_forbidden", ErrorName.MISSING_OBJECT),
    "one unknown field that fails the whole read": (ErrorName.BAD_PARAMETER,),
    "a token that died with a password": (ErrorName.TOKEN_PASSWORD_CHANGED, "password_changed"),
    "a success that is told as an error": ("taken_but_unreadable",),
    "a limit that says it is over": (LATER,),
    "numbers and mids of old captures": ("message.legacy", "read.legacy", "delivery.legacy"),
}

MEANS = {RELEASE, LATER, *FORMS, *VARIANTS, *FAULTS, *MEDIA_FAULTS, *ErrorName, *EntryKind}


def test_all_that_were_collected_stand_here() -> None:
    assert len(ODDITIES) == 38


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_played_by_something_that_exists(oddity: str) -> None:
    assert set(ODDITIES[oddity]) <= MEANS


def test_every_variant_is_an_oddity_or_harm_that_is_tried_elsewhere() -> None:
    played = {name for names in ODDITIES.values() for name in names}
    assert VARIANTS - played == {
        "array_body",
        "changed_fields",
        "empty_item",
        "entries_are_an_object",
        "entry_time_in_seconds",
        "hyphenated_key",
        "instagram_object",
        "items_are_an_object",
        "no_entries",
        "no_entry_id",
        "no_object",
        "no_recipient",
        "null_entry",
        "null_item",
        "one_entry_per_page",
        "text_entry",
        "text_item",
        "unknown_keys",
    }


@pytest.fixture
def person(state: SandboxState) -> PersonHandle:
    state.world.change_page(PAGE_ID, subscribed_fields=KNOWN_FIELDS)
    return PersonHandle(state, PSID)


def entries(receiver: WebhookReceiver) -> list[list[dict[str, Any]]]:
    return [orjson.loads(got.body)["entry"] for got in receiver.received]


async def test_the_same_message_may_come_again_with_another_time(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    person.says("hi")
    state.sender.release([0])
    await state.sender.settle()
    state.sender.hold()
    person.says("hi again")
    state.clock.advance(700)
    state.sender.release([0, 0])
    await state.sender.settle()
    times = [entry["time"] for [entry] in entries(receiver)]
    assert times[1] - times[0] == 700


AROUND = {"sender", "recipient", "timestamp"}


async def test_an_edit_may_come_before_its_message(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    mid = person.says("frist").mid or ""
    person.edits(mid, "first")
    state.sender.release([1, 0])
    await state.sender.settle()
    assert [next(iter(entry["messaging"][0].keys() - AROUND)) for [entry] in entries(receiver)] == [
        "message_edit",
        "message",
    ]


async def test_bad_items_travel_among_good_ones_of_several_pages(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    person.says("good")
    person.does("message.text", variants=["null_item"])
    PersonHandle(state, OTHER_PSID).says("good as well")
    batch = state.sender.release_as_batch()
    assert batch is not None
    await batch
    [body] = entries(receiver)
    assert [entry["messaging"][0] is None for entry in body] == [False, True, False]


async def test_an_odd_body_is_repeated_as_it_was(receiver: WebhookReceiver, person: PersonHandle) -> None:
    receiver.answers([500])
    await person.does("message.text", variants=["array_body", "entry_twice"])
    first, second = receiver.received
    assert first.body == second.body
    assert len(orjson.loads(first.body)[0]["entry"]) == 2
