"""What Facebook's answers say about a channel, in plain words for an operator. Pure.

One function per check. A check that could not be made is a WARNING and says what is missing to make it.
Sources: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging and
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from expertflow.connector.v1.channel_pb2 import CHECK_STATE_FAILED, CHECK_STATE_OK, CHECK_STATE_WARNING, CheckState
from facebook_connector.channels.fields import ESSENTIAL_FIELD, disabled_without, wanted
from facebook_connector.channels.refusals import explain
from facebook_connector.channels.subscribe import SubscribedApp, own_app, subscribed_apps
from facebook_connector.channels.values import PageAccess
from facebook_connector.graph.reply import GraphReply
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error

DAY_MS = 86_400_000
SOON_MS = 14 * DAY_MS
"""An end nearer than this is a warning."""

RECEIVING = "messages of customers"
SENDING = "messages to customers"

SUBSCRIPTION_CHECK = "subscription"
FIELDS_CHECK = "subscribed_fields"
"""Failed: our app gets no messages of the page."""

TOKEN_INVALID = 190
APP_REFUSED_CODES = frozenset({101, TOKEN_INVALID})
"""Graph's answers to an app id and secret that do not belong together."""

SEALED_TOKEN = "Not checked: the stored secrets do not open."  # noqa: S105 - a sentence
NOT_ASKED = "Facebook could not be asked."
NO_TOKEN = "Not checked: there is no page access token."  # noqa: S105 - a sentence
SEALED = "The stored secrets do not open with the present FBC_SECRET_KEYS: bring the key back, or set all secrets anew."
NO_APP = "Not checked: Facebook tells it only to an app; set app_id and an app secret."

DISABLED_WITHOUT_PERMISSION: Mapping[str, tuple[CheckState, str]] = MappingProxyType(
    {
        "pages_messaging": (CHECK_STATE_FAILED, SENDING),
        "pages_manage_metadata": (CHECK_STATE_WARNING, "subscribing the page to webhooks, and its Messenger profile"),
        "pages_read_engagement": (CHECK_STATE_WARNING, "finding out what became of uncertain messages"),
    }
)
"""Permission → how bad its absence is, and what does not work then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One check: its name, how it ended, what was found and what does not work because of it."""

    name: str
    state: CheckState
    detail: str
    disables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """A channel, and Facebook's answers about it; None where there was none."""

    access: PageAccess
    now_ms: int
    asked_version: str
    page: GraphReply | None
    """`GET /me` with the page's token."""
    token: GraphReply | None
    """`GET /debug_token` with the app's token."""
    apps: GraphReply | None
    """`GET /{page}/subscribed_apps`."""

    @property
    def inspected(self) -> Mapping[str, Any] | None:
        """What `debug_token` says; None when it said nothing."""
        data = self.token.body.get("data") if self.token is not None and self.token.ok else None
        return data if isinstance(data, dict) else None

    @property
    def token_facts(self) -> Mapping[str, Any] | None:
        """What `debug_token` says of a living token: Facebook tells nothing about a dead one."""
        inspected = self.inspected
        return inspected if inspected is not None and inspected.get("is_valid") is True else None

    @property
    def app_id(self) -> str:
        """Our app: as configured, else as the token says; empty when unknown."""
        return self.access.app_id or str((self.token_facts or {}).get("app_id", ""))

    @property
    def app(self) -> SubscribedApp | None:
        """The subscription of our app."""
        return own_app(subscribed_apps(self.apps), self.app_id) if self.apps is not None and self.apps.ok else None


def judge(findings: Findings) -> tuple[Judged, ...]:
    """All checks, in the order in which an operator should read them."""
    return tuple(check(findings) for check in CHECKS)


def worst(judged: Iterable[Judged]) -> CheckState:
    """The worst state of several checks."""
    return max((one.state for one in judged), default=CHECK_STATE_OK)


def _page_access_token(findings: Findings) -> Judged:
    name = "page_access_token"
    if findings.access.sealed:
        return _failed(name, SEALED, SENDING)
    if not findings.access.secrets.page_access_token:
        return _failed(name, "No page access token is set.", SENDING)
    if (error := _token_error(findings)) is not None:
        return _failed(name, f"{explain(error)} Set a new token.", SENDING)
    if findings.page is None:
        return _warning(name, NOT_ASKED)
    return _ok(name, "Facebook takes the token.") if findings.page.ok else _warning(name, _why(findings.page))


def _token_expiry(findings: Findings) -> Judged:
    name, facts = "token_expiry", findings.token_facts
    if facts is None:
        return _warning(name, _why_no_facts(findings))
    ends, data_ends = _moment(facts.get("expires_at")), _moment(facts.get("data_access_expires_at"))
    if ends and ends - findings.now_ms < SOON_MS:
        return _warning(name, f"The token ends on {_day(ends)}. Set a token that does not expire.", SENDING)
    if data_ends and data_ends - findings.now_ms < SOON_MS:
        detail = f"The token's access to data ends on {_day(data_ends)}; log in again to renew it."
        return _warning(name, detail, "names of customers, and finding out what became of uncertain messages")
    return _ok(name, f"The token lasts until {_day(ends)}." if ends else "The token does not expire.")


def _page(findings: Findings) -> Judged:
    name, reply = "page", findings.page
    if reply is None or not reply.ok:
        return _warning(name, _why_not(findings, reply))
    found = str(reply.body.get("id", ""))
    if found != findings.access.page_id:
        return _failed(name, f"The token belongs to page {found}, not to {findings.access.page_id}.", SENDING)
    return _ok(name, f"The token belongs to the page {reply.body.get('name', found)}.")


def _app_secret(findings: Findings) -> Judged:
    name, access = "app_secret", findings.access
    if access.sealed:
        return _failed(name, SEALED, RECEIVING)
    if not access.secrets.app_secrets:
        if access.allow_unsigned:
            return _warning(name, "There is none, and unsigned webhooks are taken: anybody can forge messages.")
        return _failed(name, "There is none, so every webhook of the page is refused.", RECEIVING)
    if (refused := _error_of(ErrorClass.APP_SECRET, findings.page, findings.token, findings.apps)) is not None:
        return _failed(name, f"{explain(refused)} Set the right app secret, and set it first.", RECEIVING, SENDING)
    if findings.token is None:
        return _warning(name, NO_APP if not access.app_id else _why_not(findings, None))
    error = findings.token.error
    if error is not None and error.code in APP_REFUSED_CODES:
        return _failed(name, "Facebook does not take app_id and app secret together.", RECEIVING)
    if findings.inspected is None:
        return _warning(name, _why(findings.token))
    owner = str(findings.inspected.get("app_id", access.app_id))
    if owner != access.app_id:
        detail = f"The token was made for app {owner}, which signs the page's webhooks; app_id is {access.app_id}."
        return _failed(name, detail, RECEIVING)
    return _ok(name, "Facebook takes app_id and app secret.")


def _permissions(findings: Findings) -> Judged:
    name, facts = "permissions", findings.token_facts
    if facts is None:
        return _warning(name, _why_no_facts(findings))
    granted = _granted(facts, findings.access.page_id)
    missing = [permission for permission in DISABLED_WITHOUT_PERMISSION if permission not in granted]
    if not missing:
        return _ok(name, "The token has all permissions that the connector uses.")
    return Judged(
        name=name,
        state=max(DISABLED_WITHOUT_PERMISSION[permission][0] for permission in missing),
        detail=f"The token lacks {', '.join(missing)} for this page.",
        disables=tuple(DISABLED_WITHOUT_PERMISSION[permission][1] for permission in missing),
    )


def _subscription(findings: Findings) -> Judged:
    name, reply = SUBSCRIPTION_CHECK, findings.apps
    if reply is None or not reply.ok:
        return _warning(name, _why_not(findings, reply))
    if findings.app is not None:
        return _ok(name, f"The page is subscribed to app {findings.app.app_id}.")
    if not findings.app_id and subscribed_apps(reply):
        return _warning(name, "The page is subscribed to several apps; set app_id to tell which is this one.")
    return _failed(name, "The page is not subscribed to the app: SubscribeChannel does it.", RECEIVING)


def _subscribed_fields(findings: Findings) -> Judged:
    name, app = FIELDS_CHECK, findings.app
    if app is None:
        return _warning(name, "Not checked: there is no subscription to look at.")
    missing = [field for field in wanted(findings.access.wanted_fields) if field not in app.fields]
    if not missing:
        return _ok(name, "The page is subscribed to all wanted fields.")
    return Judged(
        name=name,
        state=CHECK_STATE_FAILED if ESSENTIAL_FIELD in missing else CHECK_STATE_WARNING,
        detail=f"The page is not subscribed to {', '.join(missing)}: SubscribeChannel does it.",
        disables=tuple(disabled_without(field) for field in missing),
    )


def _graph_version(findings: Findings) -> Judged:
    name, asked = "graph_version", findings.asked_version
    replies = (findings.page, findings.apps, findings.token)
    served = next((reply.version for reply in replies if reply is not None and reply.version), "")
    if not served:
        return _warning(name, f"Facebook did not say which version serves calls to {asked}.")
    if served != asked:
        return _warning(name, f"Facebook serves calls to {asked} with {served}: {asked} has ended or is new.")
    return _ok(name, f"Facebook serves {asked}.")


CHECKS: tuple[Callable[[Findings], Judged], ...] = (
    _page_access_token,
    _token_expiry,
    _page,
    _app_secret,
    _permissions,
    _subscription,
    _subscribed_fields,
    _graph_version,
)


def _token_error(findings: Findings) -> GraphError | None:
    """Facebook's word that the page's token is dead, from whichever answer says so."""
    inspected = findings.inspected or {}
    if inspected.get("is_valid") is False:
        return _inspected_error(inspected.get("error"))
    return _error_of(ErrorClass.TOKEN, findings.page, findings.apps)


def _error_of(error_class: ErrorClass, *replies: GraphReply | None) -> GraphError | None:
    """The first error of this class among the answers."""
    for reply in replies:
        error = reply.error if reply is not None else None
        meaning = meaning_of_error(error) if error is not None else None
        if meaning is not None and meaning.error_class is error_class:
            return error
    return None


def _inspected_error(told: object) -> GraphError:
    """The error inside an answer of `debug_token`, which has another shape than the usual envelope."""
    error = told if isinstance(told, dict) else {}
    code, subcode = error.get("code"), error.get("subcode")
    return GraphError(
        code=code if isinstance(code, int) else TOKEN_INVALID,
        subcode=subcode if isinstance(subcode, int) else None,
        message="",
        transient=False,
        trace_id="",
    )


def _granted(facts: Mapping[str, Any], page_id: str) -> set[str]:
    """The permissions that hold for this page: a granular one may be limited to other pages."""
    granted = {str(scope) for scope in _items(facts.get("scopes"))}
    for granular in _items(facts.get("granular_scopes")):
        targets = _items(granular.get("target_ids")) if isinstance(granular, dict) else []
        if targets and page_id not in map(str, targets):
            granted.discard(str(granular.get("scope")))
    return granted


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _why_not(findings: Findings, reply: GraphReply | None) -> str:
    if findings.access.sealed:
        return SEALED_TOKEN
    if not findings.access.secrets.page_access_token:
        return NO_TOKEN
    return NOT_ASKED if reply is None else _why(reply)


def _why_no_facts(findings: Findings) -> str:
    if findings.access.as_app is None and findings.access.secrets.page_access_token:
        return NO_APP
    if findings.inspected is not None:
        return "Not checked: Facebook does not take the token."
    return _why_not(findings, findings.token)


def _why(reply: GraphReply) -> str:
    return explain(reply.error) if reply.error is not None else f"Facebook answered HTTP {reply.status}."


def _moment(seconds: object) -> int:
    """A Unix time in seconds as milliseconds; 0 stands for never."""
    return int(seconds) * 1000 if isinstance(seconds, int | float) else 0


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).date().isoformat()


def _ok(name: str, detail: str) -> Judged:
    return Judged(name=name, state=CHECK_STATE_OK, detail=detail)


def _warning(name: str, detail: str, *disables: str) -> Judged:
    return Judged(name=name, state=CHECK_STATE_WARNING, detail=detail, disables=disables)


def _failed(name: str, detail: str, *disables: str) -> Judged:
    return Judged(name=name, state=CHECK_STATE_FAILED, detail=detail, disables=disables)
