"""Acceptance: whatever can be refused is refused here, and what is not is stored before anybody is told.

A body that Messenger has no form for is not refused: it is stored as failed, and the contact centre hears of it like of
any other failure. A sender action is done before it is stored, see `actions`.

A repeat is recognised before anything else is judged: a message that was accepted stays accepted when its window has
closed or its channel is gone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from cim_messenger.outbound import Action, MediaReference, Quote, Refusal, Rendered, Rules, render, written_part
from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.outbox.actions import perform
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.sending.content import content_hash
from facebook_connector.sending.failures import WINDOW_DETAIL, WINDOW_REASON, window_metadata
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.offers import Acceptance, AcceptResult, Offer
from facebook_connector.sending.ports import MediaSource
from facebook_connector.sending.request import Address, SendOptions
from facebook_connector.sending.values import (
    Failure,
    MessageKey,
    OutboundRecord,
    OutboundStatus,
    PartRecord,
    SendingChannel,
    SendWarning,
)
from facebook_connector.sending.window import WindowClosed, judge_window

UNSUPPORTED = "UNSUPPORTED_BODY"


async def accept(
    context: OutboxContext,
    message: CimMessage,
    address: Address,
    options: SendOptions,
    store: Callable[[Offer], Awaitable[Acceptance]],
) -> Acceptance:
    """Has the message stored, or recognises it. Raises `ConnectorError` with nothing stored; `StoreError` if it cannot.

    `store`: as `OutboundLog.accept`.
    """
    content = content_hash(message)
    try:
        channel, body = await _drafted(context, message, address, options)
    except ConnectorError:
        if (existing := await _existing(context, address)) is None:
            raise
        return _recognised(existing, content)
    if body.action is not None:
        if (existing := await _existing(context, address)) is not None:
            return _recognised(existing, content)
        body = replace(body, failure=await perform(context, channel, address.psid, body.action))
    draft = _Draft(
        message=message.SerializeToString(),
        address=address,
        options=options,
        channel=channel,
        body=body,
        content_hash=content,
    )
    now_ms = context.clock.now_ms()
    acceptance = await store(
        Offer(
            page_id=address.page_id,
            psid=address.psid,
            cim_id=address.cim_id,
            content_hash=content,
            origin=options.origin,
            kinds=tuple(part.kind for part in body.parts),
            now_ms=now_ms,
            record=lambda last_customer_action_ms: _record(draft, last_customer_action_ms, now_ms),
        )
    )
    if acceptance.result is AcceptResult.CONFLICT:
        raise _conflict(acceptance.status)
    return acceptance


async def _existing(context: OutboxContext, address: Address) -> OutboundStatus | None:
    """The message already accepted under this id."""
    key = MessageKey(page_id=address.page_id, cim_id=address.cim_id)
    return next(iter(await context.log.statuses((key,))), None)


def _recognised(existing: OutboundStatus, content: str) -> Acceptance:
    if existing.content_hash != content:
        raise _conflict(existing)
    return Acceptance(result=AcceptResult.REPEATED, status=existing)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """What there is of a message's body: parts to send, an action to do, or why there is neither, or nothing."""

    parts: tuple[PartRecord, ...] = ()
    media: tuple[MediaReference, ...] = ()
    """Of all parts."""
    action: Action | None = None
    quote: Quote | None = None
    warnings: tuple[SendWarning, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A message of which all is known but the person's window clock."""

    message: bytes
    address: Address
    options: SendOptions
    channel: SendingChannel
    body: _Body
    content_hash: str


async def _drafted(
    context: OutboxContext, message: CimMessage, address: Address, options: SendOptions
) -> tuple[SendingChannel, _Body]:
    """Raises `ConnectorError` for what is refused, unless the caller wants that recorded as a failure."""
    channel = await context.channels.open(address.page_id)
    if channel is None:
        raise _channel_not_found(address.page_id)
    try:
        body = _body(message, channel, context.text_limit)
        _check_media(context.uploads.source, body)
    except ConnectorError as refused:
        return channel, _refused_body(refused, options)
    return channel, body


def _refused_body(refused: ConnectorError, options: SendOptions) -> _Body:
    """What is stored of a message that is refused. Raises the refusal, unless the caller wants it recorded."""
    if not options.record_refusals:
        raise refused
    return _Body(failure=Failure(reason=refused.reason, detail=refused.message, metadata=dict(refused.metadata)))


def _body(message: CimMessage, channel: SendingChannel, text_limit: int) -> _Body:
    rules = Rules(
        text_limit=text_limit,
        edited_marker=channel.edited_marker,
        default_prompt=channel.default_prompt,
        allow_custom=channel.allow_custom,
    )
    result = render(message, rules)
    if isinstance(result, Rendered):
        return _sendable(result)
    if result.reason != UNSUPPORTED:
        raise _refused(result, channel.page_id)
    return _Body(failure=Failure(reason=UNSUPPORTED, detail=result.detail, metadata=dict(result.metadata)))


def _sendable(rendered: Rendered) -> _Body:
    return _Body(
        parts=tuple(
            PartRecord(index=index, kind=part.kind, payload=written_part(part))
            for index, part in enumerate(rendered.parts)
        ),
        media=tuple(medium for part in rendered.parts for medium in part.media),
        action=rendered.action,
        quote=rendered.quote,
        warnings=tuple(
            SendWarning(code=warned.code, detail=warned.detail, part_index=warned.part_index)
            for warned in rendered.warnings
        ),
    )


def _refused(refusal: Refusal, page_id: str) -> ConnectorError:
    field = f"message.{refusal.field_path}"
    return ConnectorError(
        refusal.reason,
        refusal.detail,
        metadata={"field": field, "page_id": page_id, **refusal.metadata},
        violations=(FieldViolation(field=field, description=refusal.detail),),
    )


def _check_media(source: MediaSource, body: _Body) -> None:
    """Whether the bytes may be fetched stands in their addresses; whether they can be is found out in the lane."""
    for medium in body.media:
        if failure := source.refusal(medium):
            raise ConnectorError(failure.reason, failure.detail, metadata=failure.metadata)


def _check_window(draft: _Draft, last_customer_action_ms: int | None, now_ms: int) -> None:
    """The lane judges each part again; here whatever cannot go even now is refused at once."""
    bound = [HANDLING[part.kind] for part in draft.body.parts if HANDLING[part.kind].needs_window]
    if not bound:
        return
    channel, origin = draft.channel, draft.options.origin
    enabled = channel.human_agent_enabled and all(handling.taggable for handling in bound)
    verdict = judge_window(origin, last_customer_action_ms, human_agent_enabled=enabled, now_ms=now_ms)
    if isinstance(verdict, WindowClosed):
        metadata = window_metadata(channel.page_id, origin, verdict.close_time_ms, human_agent_enabled=enabled)
        raise ConnectorError(WINDOW_REASON, WINDOW_DETAIL, metadata=metadata)


def _record(draft: _Draft, last_customer_action_ms: int | None, now_ms: int) -> OutboundRecord:
    """What is stored. Raises `ConnectorError` for a message that its window refuses."""
    body = draft.body
    try:
        _check_window(draft, last_customer_action_ms, now_ms)
    except ConnectorError as refused:
        body = _refused_body(refused, draft.options)
    quote = body.quote
    return OutboundRecord(
        page_id=draft.address.page_id,
        psid=draft.address.psid,
        cim_id=draft.address.cim_id,
        content_hash=draft.content_hash,
        message=draft.message,
        origin=draft.options.origin,
        accept_time_ms=now_ms,
        expire_time_ms=now_ms + draft.options.ttl_ms,
        parts=body.parts,
        quote_mid=quote.mid if quote else "",
        quote_cim_id=quote.cim_id if quote else "",
        warnings=body.warnings,
        failure=body.failure,
        done=body.action is not None and body.failure is None,
    )


def _channel_not_found(page_id: str) -> ConnectorError:
    return ConnectorError(
        "CHANNEL_NOT_FOUND", f"no channel exists for page {page_id}; create it first", metadata={"page_id": page_id}
    )


def _conflict(status: OutboundStatus) -> ConnectorError:
    return ConnectorError(
        "MESSAGE_ID_CONFLICT",
        "a message with this id was accepted with other content; a new message needs a new id",
        metadata={"id": status.cim_id, "page_id": status.page_id},
    )
