from __future__ import annotations

from cim_messenger.outbound import limits
from cim_messenger.outbound.limits import LIMITS, Limit
from facebook_connector.channels import profile_limits as profile
from messenger_sandbox.rules.limits import LIMITS as OF_FACEBOOK

SAME: dict[Limit, str] = {
    limits.TEXT: "message.text",
    limits.METADATA: "message.metadata",
    limits.QUICK_REPLIES: "message.quick_replies",
    limits.QUICK_REPLY_PAYLOAD: "quick_reply.payload",
    limits.BUTTON_TITLE: "button.title",
    limits.BUTTON_PAYLOAD: "button.payload",
    limits.IMAGES: "message.attachments",
    limits.BUTTON_TEXT: "button_template.text",
    limits.TEMPLATE_BUTTONS: "button_template.buttons",
    limits.CARDS: "generic.elements",
    limits.CARD_TITLE: "generic.title",
    limits.CARD_SUBTITLE: "generic.subtitle",
    limits.MEDIA_CARDS: "media.elements",
    limits.RECEIPT_ELEMENTS: "receipt.elements",
    limits.COUPON_TITLE: "coupon.title",
    limits.COUPON_SUBTITLE: "coupon.subtitle",
    limits.PRODUCTS: "product.elements",
    limits.GRIDS: "image_grid.elements",
    limits.GRID_IMAGES: "image_grid.images",
    limits.GRID_TITLE: "image_grid.title",
    limits.GRID_SUBTITLE: "image_grid.subtitle",
    limits.SURVEY_TITLE: "feedback.title",
    limits.SURVEY_SUBTITLE: "feedback.subtitle",
    limits.SURVEY_BUTTON: "feedback.button_title",
    limits.SURVEY_SCREENS: "feedback.screens",
    limits.SURVEY_QUESTIONS: "feedback.questions",
    limits.SURVEY_QUESTION_ID: "feedback.question_id",
    limits.SURVEY_DAYS: "feedback.expires_in_days",
    profile.GET_STARTED_PAYLOAD: "menu.payload",
    profile.GREETING_TEXT: "greeting.text",
    profile.QUESTIONS: "ice_breakers.questions",
    profile.QUESTION_PAYLOAD: "menu.payload",
    profile.MENU_ITEMS: "menu.items",
    profile.MENU_TITLE: "menu.title",
    profile.MENU_PAYLOAD: "menu.payload",
    profile.COMMANDS: "commands",
    profile.COMMAND_NAME: "command.name",
    profile.COMMAND_DESCRIPTION: "command.description",
}
"""Our row → the sandbox's."""
OURS_ONLY = {limits.QUICK_REPLY_TITLE, limits.GRID_HEROES, profile.QUESTION}
"""Facebook cuts the title of a quick reply by itself, and says of a grid's one hero without a number. The
sandbox does not count an ice breaker's question, whose length is the contract's."""


def test_we_and_the_sandbox_count_to_the_same_numbers() -> None:
    differing = {
        limit.of: (limit.maximum, OF_FACEBOOK[row].most)
        for limit, row in SAME.items()
        if limit.maximum != OF_FACEBOOK[row].most
    }
    assert differing == {}


def test_every_limit_is_compared() -> None:
    assert SAME.keys() | OURS_ONLY == {*LIMITS, *profile.LIMITS}


def test_every_limit_names_the_page_that_states_it() -> None:
    assert [
        limit.of
        for limit in (*LIMITS, *profile.LIMITS)
        if not limit.source.startswith("https://developers.facebook.com/")
    ] == []
