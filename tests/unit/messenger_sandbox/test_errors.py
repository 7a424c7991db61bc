from __future__ import annotations

import pytest

from messenger_sandbox.errors import ERRORS, ErrorName, envelope, refusal

# code, subcode and HTTP status as the reference prints them, written down a second time.
FACTS: dict[str, tuple[int, int | None, int]] = {
    "unknown": (1, None, 500),
    "taken_but_unreadable": (1, 1357046, 400),
    "temporary": (2, None, 500),
    "app_limit": (4, None, 403),
    "no_permission": (10, None, 403),
    "outside_window": (10, 2018278, 400),
    "page_restricted": (10, 1893063, 403),
    "thread_owned": (10, 2018300, 400),
    "page_limit": (32, None, 403),
    "bad_parameter": (100, None, 400),
    "missing_object": (100, 33, 400),
    "no_matching_user": (100, 2018001, 400),
    "message_with_action": (100, 2018014, 400),
    "message_empty": (100, 2018034, 400),
    "no_profile": (100, 2018218, 400),
    "profile_field_forbidden": (100, 2018247, 400),
    "too_many_items": (105, None, 400),
    "too_few_items": (194, None, 400),
    "token_invalid": (190, None, 401),
    "token_app_removed": (190, 458, 401),
    "token_password_changed": (190, 460, 401),
    "token_expired": (190, 463, 401),
    "token_logged_out": (190, 467, 401),
    "permission_missing": (200, None, 403),
    "app_not_live": (200, 2018028, 403),
    "messaging_permission_missing": (230, None, 403),
    "policy_block": (368, None, 403),
    "unreachable": (551, 1545041, 400),
    "calls_limit": (613, None, 400),
    "unknown_path": (2500, None, 400),
    "messenger_limit": (80006, None, 400),
    "automated_flow": (10, 2018321, 400),
    "cannot_receive": (10, 2018108, 400),
    "no_news_page": (10, 2018065, 403),
    "wrong_app": (100, 2018164, 400),
    "comment_invalid": (100, 2018292, 400),
    "fetch_failed": (100, 2018008, 400),
    "upload_failed": (100, 2018047, 400),
    "attachment_unknown": (100, 2018074, 400),
    "attachment_too_large": (100, 2018109, 400),
    "video_timeout": (100, 2018294, 400),
    "domain_not_listed": (100, 2018062, 400),
    "media_type_invalid": (100, 2018182, 400),
    "media_id_missing": (100, 2018183, 400),
    "media_url_unsupported": (100, 2018184, 400),
    "product_invalid": (100, 2018320, 400),
    "form_invalid": (1, 2018382, 400),
    "thread_owned_bare": (2018300, None, 400),
    "message_deleted": (9000001, None, 400),
}


def test_every_name_has_its_row_and_its_fact() -> None:
    assert set(ERRORS) == set(ErrorName) == set(FACTS)


@pytest.mark.parametrize("name", ErrorName)
def test_code_subcode_and_status_are_those_of_the_reference(name: ErrorName) -> None:
    error = ERRORS[name]
    assert (error.code, error.subcode, error.status) == FACTS[name]


def test_the_envelope_holds_what_a_client_decides_on() -> None:
    assert envelope(ERRORS[ErrorName.OUTSIDE_WINDOW], "Atrace") == {
        "error": {
            "message": "(#10) This message is sent outside of allowed window.",
            "type": "OAuthException",
            "code": 10,
            "error_subcode": 2018278,
            "fbtrace_id": "Atrace",
        }
    }


def test_a_missing_subcode_is_absent_and_a_transient_fault_says_so() -> None:
    inner = envelope(ERRORS[ErrorName.TEMPORARY], "Atrace")["error"]
    assert "error_subcode" not in inner
    assert inner["is_transient"] is True


def test_a_text_of_its_own_keeps_code_subcode_and_status() -> None:
    error = refusal(ErrorName.NO_PROFILE, "none")
    assert (error.code, error.subcode, error.status, error.message) == (100, 2018218, 400, "(#100) none")
