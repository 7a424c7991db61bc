from __future__ import annotations

import pytest

from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.graph_errors import (
    MEANINGS,
    NUMBERS,
    PROOF_REFUSED,
    ErrorClass,
    meaning_of,
    meaning_of_error,
)

CONTENT, MEDIA, RECIPIENT = ErrorClass.CONTENT, ErrorClass.MEDIA, ErrorClass.RECIPIENT
WINDOW, PERMISSION, TOKEN = ErrorClass.WINDOW, ErrorClass.PERMISSION, ErrorClass.TOKEN
RESTRICTED, THREAD, THROTTLE = ErrorClass.RESTRICTED, ErrorClass.THREAD, ErrorClass.THROTTLE
AMBIGUOUS = ErrorClass.AMBIGUOUS

# Every row of https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes that can
# come back from a call of a page, and the general errors of the Graph API; stated a second time, on purpose.
DOCUMENTED: dict[tuple[int, int | None], ErrorClass] = {
    (1, None): AMBIGUOUS,
    (1, 99): AMBIGUOUS,
    (1, 1357046): AMBIGUOUS,
    (1, 1446036): CONTENT,
    (1, 2018382): CONTENT,
    (2, None): AMBIGUOUS,
    (2, 2018344): PERMISSION,
    (3, None): PERMISSION,
    (4, None): THROTTLE,
    (4, 2018022): THROTTLE,
    (4, 2018354): CONTENT,
    (9, 2018352): CONTENT,
    (10, None): PERMISSION,
    (10, 1404170): PERMISSION,
    (10, 1893015): RECIPIENT,
    (10, 1893063): RESTRICTED,
    (10, 2018065): WINDOW,
    (10, 2018108): RECIPIENT,
    (10, 2018278): WINDOW,
    (10, 2018300): THREAD,
    (10, 2018321): ErrorClass.BUSY_THREAD,
    (10, 2018336): CONTENT,
    (10, 2534022): WINDOW,
    (10, 2534077): PERMISSION,
    (17, None): THROTTLE,
    (32, None): THROTTLE,
    (100, None): CONTENT,
    (100, 33): CONTENT,
    (100, 1893061): CONTENT,
    (100, 2018001): ErrorClass.NO_RECIPIENT,
    (100, 2018008): MEDIA,
    (100, 2018014): CONTENT,
    (100, 2018034): CONTENT,
    (100, 2018047): MEDIA,
    (100, 2018062): CONTENT,
    (100, 2018074): MEDIA,
    (100, 2018109): MEDIA,
    (100, 2018164): CONTENT,
    (100, 2018218): CONTENT,
    (100, 2018247): PERMISSION,
    (100, 2018292): CONTENT,
    (100, 2018294): MEDIA,
    (100, 2018320): CONTENT,
    (100, 2018328): CONTENT,
    (100, 2534013): PERMISSION,
    (100, 2534014): CONTENT,
    (100, 2534015): CONTENT,
    (100, 2534025): CONTENT,
    (100, 2534029): RECIPIENT,
    (100, 2534037): THREAD,
    (102, None): TOKEN,
    (105, None): CONTENT,
    (190, None): TOKEN,
    **{(190, subcode): TOKEN for subcode in (*range(458, 469), 492)},
    (194, None): CONTENT,
    (200, None): PERMISSION,
    (200, 1545041): RECIPIENT,
    (200, 2018021): PERMISSION,
    (200, 2018027): PERMISSION,
    (200, 2018028): PERMISSION,
    (200, 2534041): PERMISSION,
    **{(code, None): PERMISSION for code in range(201, 300)},
    (341, None): THROTTLE,
    (368, None): RESTRICTED,
    (506, None): CONTENT,
    (551, None): RECIPIENT,
    (551, 1545041): RECIPIENT,
    (613, None): THROTTLE,
    (613, 1996): THROTTLE,
    (613, 1893016): CONTENT,
    (613, 2018338): ErrorClass.ABUSE,
    (613, 2534040): THROTTLE,
    (1200, None): AMBIGUOUS,
    (1200, 1545003): AMBIGUOUS,
    (1200, 2018024): AMBIGUOUS,
    (2022, None): PERMISSION,
    (10303, None): CONTENT,
    (10900, None): CONTENT,
    (10902, None): CONTENT,
    (36000, None): MEDIA,
    (36103, None): PERMISSION,
    (80001, None): THROTTLE,
    (80002, None): THROTTLE,
    (80006, None): THROTTLE,
    (1609005, None): CONTENT,
}

BARE: dict[int, ErrorClass] = {
    2018144: CONTENT,
    2018154: CONTENT,
    2018163: CONTENT,
    2018166: CONTENT,
    2018171: THREAD,
    **dict.fromkeys(range(2018173, 2018189), CONTENT),
    2018218: CONTENT,
    2018234: CONTENT,
    2018247: PERMISSION,
    2018300: THREAD,
    2018321: ErrorClass.BUSY_THREAD,
    **dict.fromkeys(range(2018389, 2018397), CONTENT),
    **dict.fromkeys(range(24001, 24006), CONTENT),
    **dict.fromkeys(range(2071010, 2071026), CONTENT),
    9000001: CONTENT,
}


@pytest.mark.parametrize(("code", "subcode"), DOCUMENTED)
def test_every_documented_error_has_its_meaning(code: int, subcode: int | None) -> None:
    meaning = meaning_of(code, subcode)
    assert meaning is not None
    assert meaning.error_class is DOCUMENTED[code, subcode]


@pytest.mark.parametrize("number", BARE)
def test_a_bare_number_means_the_same_as_code_and_as_subcode(number: int) -> None:
    for code, subcode in ((number, None), (100, number), (10, number), (1, number)):
        meaning = meaning_of(code, subcode)
        assert meaning is not None
        assert meaning.error_class is BARE[number]


def test_an_unknown_subcode_falls_back_to_its_code() -> None:
    assert meaning_of(190, 4711) == MEANINGS[190, None]


def test_a_known_subcode_is_recognised_under_another_code() -> None:
    assert meaning_of(100, 2018278) == MEANINGS[10, 2018278]


def test_a_small_subcode_is_not_taken_for_a_code() -> None:
    assert meaning_of(100, 463) == MEANINGS[100, None]


def test_an_undocumented_error_has_no_meaning() -> None:
    assert meaning_of(4711, 42) is None


def test_every_meaning_tells_people_what_happened_in_one_sentence() -> None:
    details = [meaning.detail for meaning in (*MEANINGS.values(), *NUMBERS.values())]
    assert all(detail.endswith(".") and detail[0].isupper() for detail in details)


def test_no_number_means_two_things() -> None:
    for (_, subcode), meaning in MEANINGS.items():
        if subcode is not None and subcode in NUMBERS:
            assert NUMBERS[subcode].error_class is meaning.error_class


def parameter_refused(message: str, subcode: int | None = None) -> GraphError:
    return GraphError(code=100, subcode=subcode, message=message, transient=False, trace_id="")


@pytest.mark.parametrize(
    "message",
    [
        "Invalid appsecret_proof provided in the API argument",
        "(#100) Invalid appsecret_proof provided in the API argument",
        "API calls from the server require an appsecret_proof argument",
    ],
)
def test_a_refused_app_secret_is_told_from_other_parameters(message: str) -> None:
    assert meaning_of_error(parameter_refused(message)) == PROOF_REFUSED


@pytest.mark.parametrize(
    "error",
    [
        parameter_refused("(#100) Length of param message[text] must be less than or equal to 2000"),
        parameter_refused("(#100) Cannot send: Invalid appsecret_proof"),
        parameter_refused("Invalid appsecret_proof provided in the API argument", 2018001),
    ],
)
def test_a_refused_message_is_never_taken_for_a_refused_app_secret(error: GraphError) -> None:
    assert meaning_of_error(error) == meaning_of(100, error.subcode)
