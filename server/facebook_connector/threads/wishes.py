"""What each call of `ThreadService` asks of Facebook, and what is so once Facebook agrees: one row per call. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from google.protobuf.message import Message

from expertflow.connector.v1 import thread_service_pb2 as pb
from facebook_connector.channels.rules import refuse
from facebook_connector.errors import ConnectorError, FieldViolation

LONGEST_METADATA = 1000
"""Characters of the text that the other app gets."""

LONGEST_CONTROL_S = 7 * 24 * 3600

DEFAULT_CONTROL_MS = 24 * 3600 * 1000
"""How long control lasts that nobody extends."""

NOBODY = ""

Request: TypeAlias = Any
"""One of the requests in `WISHES`: all have a `page_id`, a `psid` and a `request_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One call to Facebook."""

    edge: str
    """Last name of the path, after the page's id."""
    owner: str | None
    """The app that owns the conversation after it, `NOBODY`, or None: the call moves nothing."""
    ours: bool = False
    """Whether the owner after it is this app, also where the channel does not know the app's id."""
    lasts_ms: int | None = None
    """How long the control lasts from then on; None: that is not ours to know."""
    content: Mapping[str, Any] = field(default_factory=dict)
    repeatable: bool = False
    """Whether Facebook takes the call again from the same owner: then a refusal is one, whoever owns it."""

    def is_so(self, owner: str) -> bool:
        """Whether the conversation is as wished while this app owns it: a refusal then changes nothing."""
        unknown = self.ours and not self.owner
        return owner == self.owner and not (self.repeatable or unknown)


def _take(request: pb.TakeThreadControlRequest, own: str) -> Wish:
    return Wish(
        edge="take_thread_control", owner=own, ours=True, lasts_ms=DEFAULT_CONTROL_MS, content=_metadata(request)
    )


def _pass(request: pb.PassThreadControlRequest, own: str) -> Wish:
    target = request.target_app_id
    content = {"target_app_id": target, **_metadata(request)}
    return Wish(
        edge="pass_thread_control", owner=target, ours=target == own, lasts_ms=DEFAULT_CONTROL_MS, content=content
    )


def _release(_request: pb.ReleaseThreadControlRequest, _own: str) -> Wish:
    return Wish(edge="release_thread_control", owner=NOBODY)


def _ask_for(request: pb.RequestThreadControlRequest, _own: str) -> Wish:
    return Wish(edge="request_thread_control", owner=None, content=_metadata(request))


def _extend(request: pb.ExtendThreadControlRequest, own: str) -> Wish:
    seconds = request.duration.seconds
    return Wish(
        edge="extend_thread_control",
        owner=own,
        ours=True,
        lasts_ms=seconds * 1000,
        content={"duration": seconds},
        repeatable=True,
    )


WISHES: Mapping[type[Message], Callable[[Request, str], Wish]] = MappingProxyType(
    {
        pb.TakeThreadControlRequest: _take,
        pb.PassThreadControlRequest: _pass,
        pb.ReleaseThreadControlRequest: _release,
        pb.RequestThreadControlRequest: _ask_for,
        pb.ExtendThreadControlRequest: _extend,
    }
)
"""Request → what it asks, given it and the app's own id (empty: unknown); complete by test."""


def wish_of(request: Request, own_app_id: str) -> Wish:
    """What the request asks. Raises `ConnectorError` INVALID_FIELD or LIMIT_OUT_OF_RANGE."""
    refuse(_faults(request))
    if isinstance(request, pb.ExtendThreadControlRequest):
        _require_duration(request)
    return WISHES[type(request)](request, own_app_id)


def require_psid(psid: str) -> None:
    """Raises `ConnectorError` INVALID_FIELD unless it is digits."""
    refuse(_psid_faults(psid))


def _psid_faults(psid: str) -> Iterator[FieldViolation]:
    if not _is_number(psid):
        yield FieldViolation(field="psid", description="is required: the customer's page-scoped id, digits only")


def _faults(request: Request) -> Iterator[FieldViolation]:
    yield from _psid_faults(request.psid)
    if isinstance(request, pb.PassThreadControlRequest) and not _is_number(request.target_app_id):
        yield FieldViolation(field="target_app_id", description="is required: the app's id, digits only")
    if len(text := getattr(request, "metadata", "")) > LONGEST_METADATA:
        said = f"has {len(text)} characters, at most {LONGEST_METADATA} are allowed"
        yield FieldViolation(field="metadata", description=said)


def _require_duration(request: pb.ExtendThreadControlRequest) -> None:
    seconds = request.duration.seconds
    if 1 <= seconds <= LONGEST_CONTROL_S:
        return
    violation = FieldViolation(field="duration", description=f"must be 1 to {LONGEST_CONTROL_S} seconds")
    metadata = {"field": "duration", "value": f"{seconds}s", "minimum": "1s", "maximum": f"{LONGEST_CONTROL_S}s"}
    raise ConnectorError(
        "LIMIT_OUT_OF_RANGE", f"duration {violation.description}.", metadata=metadata, violations=(violation,)
    )


def _metadata(request: Request) -> dict[str, str]:
    return {"metadata": request.metadata} if request.metadata else {}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
