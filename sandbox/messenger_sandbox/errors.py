"""The Graph API's errors: one table of code, subcode, HTTP status and text, and the envelope they travel in.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes. Meta publishes
no HTTP status per code; the statuses are those seen in public captures (usually 400; 401 for tokens, 403 for
permissions and the application's limit, 500 for temporary failures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class ErrorName(StrEnum):
    UNKNOWN = "unknown"
    TAKEN_BUT_UNREADABLE = "taken_but_unreadable"
    TEMPORARY = "temporary"
    APP_LIMIT = "app_limit"
    NO_PERMISSION = "no_permission"
    OUTSIDE_WINDOW = "outside_window"
    PAGE_RESTRICTED = "page_restricted"
    THREAD_OWNED = "thread_owned"
    PAGE_LIMIT = "page_limit"
    BAD_PARAMETER = "bad_parameter"
    MISSING_OBJECT = "missing_object"
    NO_MATCHING_USER = "no_matching_user"
    MESSAGE_WITH_ACTION = "message_with_action"
    MESSAGE_EMPTY = "message_empty"
    NO_PROFILE = "no_profile"
    PROFILE_FIELD_FORBIDDEN = "profile_field_forbidden"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_FEW_ITEMS = "too_few_items"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - the name of an error
    TOKEN_APP_REMOVED = "token_app_removed"  # noqa: S105
    TOKEN_PASSWORD_CHANGED = "token_password_changed"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_LOGGED_OUT = "token_logged_out"  # noqa: S105
    PERMISSION_MISSING = "permission_missing"
    APP_NOT_LIVE = "app_not_live"
    MESSAGING_PERMISSION_MISSING = "messaging_permission_missing"
    POLICY_BLOCK = "policy_block"
    UNREACHABLE = "unreachable"
    CALLS_LIMIT = "calls_limit"
    UNKNOWN_PATH = "unknown_path"
    MESSENGER_LIMIT = "messenger_limit"
    AUTOMATED_FLOW = "automated_flow"
    CANNOT_RECEIVE = "cannot_receive"
    NO_NEWS_PAGE = "no_news_page"
    WRONG_APP = "wrong_app"
    COMMENT_INVALID = "comment_invalid"
    FETCH_FAILED = "fetch_failed"
    UPLOAD_FAILED = "upload_failed"
    ATTACHMENT_UNKNOWN = "attachment_unknown"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    VIDEO_TIMEOUT = "video_timeout"
    DOMAIN_NOT_LISTED = "domain_not_listed"
    MEDIA_TYPE_INVALID = "media_type_invalid"
    MEDIA_ID_MISSING = "media_id_missing"
    MEDIA_URL_UNSUPPORTED = "media_url_unsupported"
    PRODUCT_INVALID = "product_invalid"
    FORM_INVALID = "form_invalid"
    THREAD_OWNED_BARE = "thread_owned_bare"
    MESSAGE_DELETED = "message_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """One refusal. `subcode` is None where Meta sends none; `status` is the HTTP status it goes out with."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400
    transient: bool = False

    def saying(self, detail: str) -> GraphError:
        """Returns the same error with a text of its own; code, subcode and status stay."""
        return replace(self, message=f"(#{self.code}) {detail}")


class RefusedError(Exception):
    """Ends the handling of a Graph call with an error; the endpoint turns it into the envelope."""

    def __init__(self, error: GraphError) -> None:
        super().__init__(error.message)
        self.error = error


def _row(code: int, subcode: int | None, message: str, *, status: int = 400, transient: bool = False) -> GraphError:
    return GraphError(code=code, subcode=subcode, message=message, status=status, transient=transient)


_TOKEN = "Error validating access token: "  # noqa: S105 - the beginning of an error's text

ERRORS: Mapping[ErrorName, GraphError] = MappingProxyType(
    {
        ErrorName.UNKNOWN: _row(1, None, "An unknown error occurred", status=500),
        ErrorName.TAKEN_BUT_UNREADABLE: _row(1, 1357046, "Received invalid JSON reply."),
        ErrorName.TEMPORARY: _row(2, None, "Service temporarily unavailable", status=500, transient=True),
        ErrorName.APP_LIMIT: _row(4, None, "(#4) Application request limit reached", status=403, transient=True),
        ErrorName.NO_PERMISSION: _row(
            10, None, "(#10) Application does not have permission for this action", status=403
        ),
        ErrorName.OUTSIDE_WINDOW: _row(10, 2018278, "(#10) This message is sent outside of allowed window."),
        ErrorName.PAGE_RESTRICTED: _row(
            10, 1893063, "(#10) Your Page is temporarily restricted from sending messages", status=403
        ),
        ErrorName.THREAD_OWNED: _row(
            10, 2018300, "(#10) Message failed to send because another app is controlling this thread now."
        ),
        ErrorName.PAGE_LIMIT: _row(32, None, "(#32) Page request limit reached", status=403, transient=True),
        ErrorName.BAD_PARAMETER: _row(100, None, "(#100) Invalid parameter"),
        ErrorName.MISSING_OBJECT: _row(
            100,
            33,
            "Unsupported request. The object does not exist, cannot be loaded due to missing permissions, "
            "or does not support this operation.",
        ),
        ErrorName.NO_MATCHING_USER: _row(100, 2018001, "(#100) No matching user found"),
        ErrorName.MESSAGE_WITH_ACTION: _row(
            100, 2018014, "(#100) Cannot send both message and state at the same time."
        ),
        ErrorName.MESSAGE_EMPTY: _row(
            100, 2018034, "(#100) Message cannot be empty, must provide valid attachment or text"
        ),
        ErrorName.NO_PROFILE: _row(100, 2018218, "(#100) No profile available for this user."),
        ErrorName.PROFILE_FIELD_FORBIDDEN: _row(100, 2018247, "(#100) Insufficient permission to access user profile."),
        ErrorName.TOO_MANY_ITEMS: _row(105, None, "(#105) The number of elements is too large"),
        ErrorName.TOO_FEW_ITEMS: _row(194, None, "(#194) The number of elements is too small"),
        ErrorName.TOKEN_INVALID: _row(190, None, "Invalid OAuth access token.", status=401),
        ErrorName.TOKEN_APP_REMOVED: _row(
            190, 458, _TOKEN + "The user has not authorized the application.", status=401
        ),
        ErrorName.TOKEN_PASSWORD_CHANGED: _row(
            190, 460, _TOKEN + "The session has been invalidated because the user changed their password.", status=401
        ),
        ErrorName.TOKEN_EXPIRED: _row(190, 463, _TOKEN + "Session has expired.", status=401),
        ErrorName.TOKEN_LOGGED_OUT: _row(
            190, 467, _TOKEN + "The session is invalid because the user logged out.", status=401
        ),
        ErrorName.PERMISSION_MISSING: _row(200, None, "(#200) Permissions error", status=403),
        ErrorName.APP_NOT_LIVE: _row(
            200,
            2018028,
            "(#200) Cannot message users who are not admins, developers or testers of the app until pages_messaging "
            "permission is reviewed and the app is live.",
            status=403,
        ),
        ErrorName.MESSAGING_PERMISSION_MISSING: _row(
            230, None, "(#230) Requires pages_messaging permission to manage the object", status=403
        ),
        ErrorName.POLICY_BLOCK: _row(
            368, None, "The action attempted has been deemed abusive or is otherwise disallowed", status=403
        ),
        ErrorName.UNREACHABLE: _row(551, 1545041, "(#551) This person isn't available right now."),
        ErrorName.CALLS_LIMIT: _row(
            613, None, "(#613) Calls to this api have exceeded the rate limit.", transient=True
        ),
        ErrorName.UNKNOWN_PATH: _row(2500, None, "Unknown path components"),
        ErrorName.MESSENGER_LIMIT: _row(
            80006,
            None,
            "(#80006) There have been too many calls to this Messenger account. Wait a bit and try again.",
            transient=True,
        ),
        ErrorName.AUTOMATED_FLOW: _row(
            10,
            2018321,
            "(#10) The chat is currently controlled by Messenger while the user is in an automated question and answer "
            "flow.",
        ),
        ErrorName.CANNOT_RECEIVE: _row(10, 2018108, "(#10) This person can't receive messages from you right now."),
        ErrorName.NO_NEWS_PAGE: _row(10, 2018065, "(#10) This message is sent outside of allowed window.", status=403),
        ErrorName.WRONG_APP: _row(100, 2018164, "(#100) Invalid app id"),
        ErrorName.COMMENT_INVALID: _row(100, 2018292, "(#100) The comment or post cannot be replied to privately"),
        ErrorName.FETCH_FAILED: _row(100, 2018008, "(#100) Failed to fetch the file from the url"),
        ErrorName.UPLOAD_FAILED: _row(
            100,
            2018047,
            "(#100) Upload attachment failure. A common way to trigger this error is that the provided media type does "
            "not match type of file provided in the URL",
        ),
        ErrorName.ATTACHMENT_UNKNOWN: _row(100, 2018074, "(#100) Invalid attachment id"),
        ErrorName.ATTACHMENT_TOO_LARGE: _row(100, 2018109, "(#100) Attachment size exceeds allowable limit"),
        ErrorName.VIDEO_TIMEOUT: _row(100, 2018294, "(#100) Video file upload timeout"),
        ErrorName.DOMAIN_NOT_LISTED: _row(100, 2018062, "(#100) Domain not whitelisted"),
        ErrorName.MEDIA_TYPE_INVALID: _row(100, 2018182, "(#100) Media type not valid"),
        ErrorName.MEDIA_ID_MISSING: _row(100, 2018183, "(#100) Attachment ID is missing"),
        ErrorName.MEDIA_URL_UNSUPPORTED: _row(
            100, 2018184, "(#100) Media template Facebook media URL is not supported"
        ),
        ErrorName.PRODUCT_INVALID: _row(100, 2018320, "(#100) Invalid product id"),
        ErrorName.FORM_INVALID: _row(
            1, 2018382, '(#1) The given "FORM_ID" field is incorrect, or the form is not inthread eligible.'
        ),
        # Some lines of Meta's table have the subcode in the place of the code.
        ErrorName.THREAD_OWNED_BARE: _row(
            2018300, None, "(#2018300) Message failed to send because another app is controlling this thread now."
        ),
        ErrorName.MESSAGE_DELETED: _row(9000001, None, "(#9000001) The message was deleted."),
    }
)


def refusal(name: ErrorName, detail: str | None = None) -> GraphError:
    """Looks an error up; `detail` replaces its text (the code in brackets is put before it)."""
    error = ERRORS[name]
    return error if detail is None else error.saying(detail)


def envelope(error: GraphError, trace_id: str) -> dict[str, Any]:
    """Builds the body Facebook answers with; `type` says OAuthException even for faults that have nothing of it."""
    inner: dict[str, Any] = {"message": error.message, "type": "OAuthException", "code": error.code}
    if error.subcode is not None:
        inner["error_subcode"] = error.subcode
    if error.transient:
        inner["is_transient"] = True
    return {"error": inner | {"fbtrace_id": trace_id}}
