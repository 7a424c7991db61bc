"""What Facebook's errors mean for a send: one row per (code, subcode), with a sentence an agent can act on.

This is knowledge, not code; `verdicts` reads it. A test proves that every error Meta documents for Messenger has a row.
Sources: https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
and https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from facebook_connector.sending.graph_answers import GraphError


class ErrorClass(Enum):
    """Errors that are met in the same way."""

    CONTENT = auto()
    """Facebook cannot take this content; as it is it will never go."""
    MEDIA = auto()
    """Facebook cannot take this file."""
    RECIPIENT = auto()
    """The person cannot be reached; writing to the page makes them reachable again."""
    NO_RECIPIENT = auto()
    """There is no such person on this page."""
    WINDOW = auto()
    """The messaging window is closed."""
    PERMISSION = auto()
    """The app or the token may not do this; the operator must be told, the next message may go."""
    TOKEN = auto()
    """The token is dead: nothing goes until there is a new one."""
    APP_SECRET = auto()
    """The app secret is not the app's: nothing goes until the right one is set."""
    RESTRICTED = auto()
    """Meta has restricted the page or the app: nothing goes until that ends."""
    ABUSE = auto()
    """Meta warns: what was sent must stop, or the page will be restricted."""
    THREAD = auto()
    """Another app controls the conversation."""
    BUSY_THREAD = auto()
    """An automated flow of Messenger holds the conversation for about a minute."""
    THROTTLE = auto()
    """A rate limit is used up; further calls lengthen the wait."""
    AMBIGUOUS = auto()
    """The message may have gone out in spite of the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorMeaning:
    """One row: how to meet the error, and what to tell people."""

    error_class: ErrorClass
    detail: str


Key = tuple[int, int | None]
"""(code, subcode); a subcode of None is the row for the code with no subcode, or with one that is in no table."""

_ROWS: Mapping[ErrorClass, Mapping[Key, str]] = {
    ErrorClass.CONTENT: {
        (1, 1446036): "Facebook says the comment is deleted already.",
        (1, 2018382): "The instant form's id is wrong, or the form may not be sent in a conversation.",
        (4, 2018354): "A marketing message was sent to this person before its minimum delay was over.",
        (9, 2018352): "This person was asked too often to opt in.",
        (10, 2018336): "Facebook does not offer this feature in this person's conversation.",
        (100, None): "Facebook refused a parameter of the message.",
        (100, 33): "What the message refers to does not exist, or the token may not see it.",
        (100, 1893061): "Facebook refused a parameter of the message; retired message tags are refused so.",
        (100, 2018014): "A message and a sender action were sent in one call.",
        (100, 2018034): "Facebook found the message empty.",
        (100, 2018062): "The message links to a domain that the page has not whitelisted.",
        (100, 2018164): "The message names a wrong app id.",
        (100, 2018292): "The comment to answer privately does not exist.",
        (100, 2018320): "The message names a product that does not exist.",
        (100, 2018328): "The product template needs a newer version of the Graph API.",
        (100, 2534014): "Instagram knows no such person.",
        (100, 2534015): "Instagram refused the data of the message.",
        (100, 2534025): "Instagram knows no such comment.",
        (105, None): "The message has too many elements or quick replies.",
        (194, None): "The message has too few elements or quick replies.",
        (506, None): "Facebook refused the post as a repetition.",
        (613, 1893016): "This person was asked to opt in to this topic already.",
        (10303, None): "The account linking token is invalid.",
        (10900, None): "The comment was answered privately already.",
        (10902, None): "The comment cannot be answered privately.",
        (1609005, None): "Facebook could not make a preview of the link.",
    },
    ErrorClass.MEDIA: {
        (100, 2018008): "Facebook could not fetch the file from its address.",
        (100, 2018047): "Facebook could not take the file: its type does not match its content.",
        (100, 2018074): "Facebook does not know the uploaded file any more, or it belongs to another page.",
        (100, 2018109): "The file is larger than Facebook takes.",
        (100, 2018294): "The video took Facebook too long to process, or is corrupt.",
        (546, None): "Facebook does not take this type of file.",
        (36000, None): "The image is larger than Facebook takes.",
    },
    ErrorClass.RECIPIENT: {
        (10, 1893015): "The person stopped notifications about this topic.",
        (10, 2018108): "The person cannot receive messages at present.",
        (100, 2534029): "The person has blocked the account.",
        (200, 1545041): "The person is not available: has blocked the page, left Facebook or declined messages.",
        (551, None): "The person is not available: has blocked the page, left Facebook or declined messages.",
        (551, 1545041): "The person is not available: has blocked the page, left Facebook or declined messages.",
    },
    ErrorClass.NO_RECIPIENT: {
        (100, 2018001): "Facebook knows no such person on this page.",
    },
    ErrorClass.WINDOW: {
        (10, 2018065): "The customer's last message is too long ago for an answer.",
        (10, 2018278): "The customer's last message is too long ago for an answer.",
        (10, 2534022): "The customer's last message is too long ago for an answer.",
    },
    ErrorClass.PERMISSION: {
        (2, 2018344): "An administrator of the page must accept Meta's terms for labels.",
        (3, None): "The app lacks a capability that this call needs.",
        (10, None): "The app lacks a permission that this call needs.",
        (10, 1404170): "The page may not send opt-in requests at present.",
        (10, 2534077): "The link between the Instagram account and the page is not verified.",
        (100, 2534013): "No Instagram account is linked to the page.",
        (200, None): "The app is not live or lacks pages_messaging: it reaches only people with a role in it.",
        (200, 2018021): "Sending to phone numbers needs a fee to be paid by the page.",
        (200, 2018027): "Sending to phone numbers needs a permission that was not reviewed.",
        (200, 2018028): "The app is not live or lacks pages_messaging: it reaches only people with a role in it.",
        (200, 2534041): "The owner of the Instagram account has switched off access to its messages.",
        (230, None): "The token lacks the permission pages_messaging.",
        (2022, None): "Meta has disabled commerce messages for the page.",
        (36103, None): "The Instagram account may not use this feature.",
    },
    ErrorClass.TOKEN: {
        (102, None): "The session of the page access token has ended.",
        (190, None): "The page access token is invalid.",
        (190, 458): "The page access token is invalid: the app was removed by the person who had connected it.",
        (190, 459): "The page access token is invalid: Facebook wants the person who made it to log in.",
        (190, 460): "The page access token is invalid: the password of the person who made it was changed.",
        (190, 461): "The page access token is invalid: its session is outdated.",
        (190, 462): "The page access token is invalid: its session is outdated.",
        (190, 463): "The page access token has expired.",
        (190, 464): "The page access token is invalid: the person who made it is not confirmed.",
        (190, 465): "The page access token is invalid.",
        (190, 466): "The page access token was invalidated through the API.",
        (190, 467): "The page access token is invalid: the person who made it logged out.",
        (190, 468): "The page access token was invalidated through the API.",
        (190, 492): "The page access token is invalid: the person who made it lost the role on the page.",
    },
    ErrorClass.RESTRICTED: {
        (10, 1893063): "Meta has temporarily restricted the page from sending messages.",
        (368, None): "Meta has temporarily blocked the page or app for policy reasons.",
    },
    ErrorClass.THREAD: {
        (10, 2018300): "Another app controls this conversation.",
        (100, 2534037): "Another app controls this conversation.",
    },
    ErrorClass.BUSY_THREAD: {
        (10, 2018321): "Messenger is asking the person questions by itself; the message waits until it is done.",
    },
    ErrorClass.THROTTLE: {
        (4, None): "The app's rate limit is used up.",
        (4, 2018022): "Too many messages to phone numbers.",
        (9, None): "A rate limit is used up.",
        (17, None): "The user's rate limit is used up.",
        (32, None): "The page's rate limit is used up.",
        (341, None): "The app's rate limit is used up.",
        (613, None): "The rate limit of calls is used up.",
        (613, 1996): "The rate limit of calls is used up: the volume of requests is inconsistent.",
        (613, 2534040): "The rate limit of calls is used up.",
        (80001, None): "The page's rate limit is used up.",
        (80002, None): "The Instagram account's rate limit is used up.",
        (80006, None): "The page's rate limit for Messenger is used up.",
    },
    ErrorClass.AMBIGUOUS: {
        (1, None): "Facebook reported an unknown error; the message may have gone out.",
        (1, 99): "Facebook reported an unknown error; the message may have gone out.",
        (1, 1357046): "Facebook reported a garbled answer, although such messages usually went out.",
        (2, None): "Facebook reported a temporary failure; the message may have gone out.",
        (1200, None): "Facebook reported a temporary failure; the message may have gone out.",
        (1200, 1545003): "Facebook reported a temporary failure; the message may have gone out.",
        (1200, 2018024): "Facebook reported a temporary failure; the message may have gone out.",
    },
    ErrorClass.ABUSE: {
        (613, 2018338): "Meta warns that messages to this person, outside of the window, count as abuse.",
    },
}

_BARE_ROWS: Mapping[ErrorClass, Mapping[range, str]] = {
    ErrorClass.CONTENT: {
        range(2018173, 2018189): "Facebook refused the media template.",
        range(2018389, 2018397): "The error belongs to the Calling API.",
        range(24001, 24006): "The error belongs to payments or games.",
        range(2071010, 2071026): "The error belongs to payments or games.",
        range(2018144, 2018145): "The error belongs to payments or games.",
        range(2018154, 2018155): "The error belongs to payments or games.",
        range(2018163, 2018164): "The error belongs to payments or games.",
        range(2018166, 2018167): "The error belongs to payments or games.",
        range(2018218, 2018219): "Facebook gives no profile of this person.",
        range(2018234, 2018235): "The page hides the other apps that take part in conversations.",
        range(9000001, 9000002): "The message was deleted, or is too old to read.",
    },
    ErrorClass.PERMISSION: {range(2018247, 2018248): "The app may not read this part of a person's profile."},
    ErrorClass.THREAD: {range(2018171, 2018172): "Only an app that takes part in the conversation may do this."},
}
"""Numbers that Meta's table prints without the code they come with."""

PERMISSION_CODES = range(200, 300)
"""Graph's general permission errors."""
UNIQUE_FROM = 24_000
"""Numbers from here on mean the same as a code, as a subcode and beside any code; smaller ones are used twice."""

MEANINGS: Mapping[Key, ErrorMeaning] = MappingProxyType(
    {
        key: ErrorMeaning(error_class=error_class, detail=detail)
        for error_class, rows in _ROWS.items()
        for key, detail in rows.items()
    }
)
"""Every documented pair of code and subcode."""

NUMBERS: Mapping[int, ErrorMeaning] = MappingProxyType(
    {subcode: meaning for (_, subcode), meaning in MEANINGS.items() if subcode is not None and subcode >= UNIQUE_FROM}
    | {
        number: ErrorMeaning(error_class=error_class, detail=detail)
        for error_class, rows in _BARE_ROWS.items()
        for numbers, detail in rows.items()
        for number in numbers
    }
)
"""Every number that can be told without the other one."""


BAD_PARAMETER = 100
"""Graph's code for a parameter that it does not take, the quoted message included."""
PROOF_REFUSALS = ("Invalid appsecret_proof", "API calls from the server require an appsecret_proof")
"""How Facebook's text begins when the proof of the app secret is wrong or missing.

Both come as code 100 without a subcode, as any refused parameter does: here alone the text decides. Only its beginning
counts, so that nothing it quotes of a message is taken for it. The texts are as observed, not documented; the proof
itself: https://developers.facebook.com/docs/graph-api/guides/secure-requests
"""
PROOF_REFUSED = ErrorMeaning(
    error_class=ErrorClass.APP_SECRET, detail="Facebook refuses the app secret of this channel (appsecret_proof)."
)


def meaning_of_error(error: GraphError) -> ErrorMeaning | None:
    """The row for an error as it came; None for one that Meta does not document."""
    said = error.message.removeprefix(f"(#{BAD_PARAMETER}) ")
    if (error.code, error.subcode) == (BAD_PARAMETER, None) and said.startswith(PROOF_REFUSALS):
        return PROOF_REFUSED
    return meaning_of(error.code, error.subcode)


def meaning_of(code: int, subcode: int | None) -> ErrorMeaning | None:
    """The row for an error; None for one that Meta does not document."""
    exact = MEANINGS.get((code, subcode))
    by_number = NUMBERS.get(subcode or 0) or NUMBERS.get(code)
    if exact or by_number:
        return exact or by_number
    return MEANINGS.get((code, None)) or (MEANINGS[200, None] if code in PERMISSION_CODES else None)
