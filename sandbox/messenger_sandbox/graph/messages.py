"""`POST /{page}/messages`: judge a send, let the customer see it, echo it, and answer; with scripted faults between.

The order is Facebook's: a fault before the message was taken hides it from the customer; one after leaves the caller
in doubt about a message that the customer already sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from messenger_sandbox import handover
from messenger_sandbox.errors import RefusedError
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.faults import Stage
from messenger_sandbox.graph.call import Answer, GraphCall, error_answer
from messenger_sandbox.graph.intake import media_of
from messenger_sandbox.graph.spoiling import Taken, fault_of
from messenger_sandbox.graph.threads import target_app, thread_of
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.people import PersonHandle, emit
from messenger_sandbox.rules import SendAttempt, judge, recipient_psid
from messenger_sandbox.rules.attempt import as_object
from messenger_sandbox.rules.content import CONTENT_RULES
from messenger_sandbox.uploads import Upload
from messenger_sandbox.webhooks import EventKind
from messenger_sandbox.world import Conversation, Page

TITLE_SHOWN: Final = 20
"""Facebook cuts the titles of quick replies to so many characters."""


async def send(call: GraphCall) -> Answer:
    page = call.page("pages_messaging")
    psid = recipient_psid(call.params)
    spoilt = await fault_of(call, Stage.BEFORE_TAKEN, psid, endpoint=Endpoint.MESSAGES)
    if spoilt is not None:
        return spoilt
    attempt = _attempt(call, page, psid)
    refused = judge(attempt)
    if refused is not None:
        return error_answer(refused, call.trace_id, psid=psid)
    assert psid is not None, "a recipient the rules let through has an id"
    if attempt.is_action:
        return await _act(call, attempt, psid)
    try:
        media = await media_of(call, page, attempt.message)
        hand_over = _hand_over(call, psid)
    except RefusedError as unfetched:
        return error_answer(unfetched.error, call.trace_id, psid=psid)
    answer = await _deliver(call, attempt, psid, media)
    hand_over()
    return answer


def _attempt(call: GraphCall, page: Page, psid: str | None) -> SendAttempt:
    world = call.state.world
    person = None if psid is None else world.find_person(page.page_id, psid)
    return SendAttempt(
        params=call.params,
        page=page,
        person=person,
        conversation=Conversation() if person is None else world.conversation(person.psid),
        now_ms=call.state.clock(),
        app_id=world.app.app_id,
        has_file=call.file is not None,
        personas=world.personas(page.page_id),
        domains=world.profile(page.page_id).get("whitelisted_domains", ()),
    )


def _hand_over(call: GraphCall, psid: str) -> Callable[[], object]:
    """What `thread_control` beside a message does once it was sent; raises RefusedError for a wrong app."""
    control = as_object(call.params.get("thread_control"))
    if not control:
        return lambda: None
    thread = thread_of(call, psid)
    thread.check_owner(or_idle=True)
    if control["control_type"] == "release":
        return lambda: handover.releases(call.state, psid)
    target = target_app(thread, control["app_id"])
    return lambda: handover.passes(call.state, psid, target)


async def _act(call: GraphCall, attempt: SendAttempt, psid: str) -> Answer:
    payload = as_object(call.params.get("payload"))
    call.state.journal.record(
        EntryKind.ACTION_TAKEN,
        page_id=attempt.page.page_id,
        psid=psid,
        action=call.params["sender_action"],
        target_mid=payload.get("message_id"),
        reaction=payload.get("reaction"),
    )
    spoilt = await fault_of(call, Stage.AFTER_TAKEN, psid, endpoint=Endpoint.MESSAGES)
    return spoilt or Answer(body={"recipient_id": psid}, facts={"psid": psid})


async def _deliver(call: GraphCall, attempt: SendAttempt, psid: str, media: Sequence[Upload]) -> Answer:
    mid, page_id = call.state.ids.mid(), attempt.page.page_id
    call.state.journal.record(EntryKind.SEND_TAKEN, page_id=page_id, psid=psid, mid=mid, **_shown(attempt, media))
    echo = emit(call.state, psid, EventKind.ECHO, _echoed(call, attempt, mid, media))
    _acknowledge(call, attempt.page, psid, mid)
    taken = Taken(mid=mid, echo=echo)
    spoilt = await fault_of(call, Stage.AFTER_TAKEN, psid, endpoint=Endpoint.MESSAGES, taken=taken)
    body = {"recipient_id": psid, "message_id": mid} | _reusable(attempt, media)
    return spoilt or Answer(body=body, facts={"psid": psid, "mid": mid})


def _acknowledge(call: GraphCall, page: Page, psid: str, mid: str) -> None:
    """The receipts that the person's device sends by itself."""
    if "delivery" in page.receipts:
        PersonHandle(call.state, psid).receives([mid])
    if "read" in page.receipts:
        PersonHandle(call.state, psid).reads()


def _reusable(attempt: SendAttempt, media: Sequence[Upload]) -> dict[str, str]:
    """The id of what was sent, if the call asked to keep it."""
    payload = as_object(as_object(attempt.message.get("attachment")).get("payload"))
    return {"attachment_id": media[0].attachment_id} if media and payload.get("is_reusable") else {}


def _shown(attempt: SendAttempt, media: Sequence[Upload]) -> dict[str, Any]:
    """What the customer sees of a message, for the journal."""
    message = attempt.message
    content = next(key for key in CONTENT_RULES if key in message)
    kind = as_object(message[content]).get("type", content)
    return {
        "content": kind,
        "text": message.get("text"),
        "body": None if content == "text" else message[content],
        "media": [upload.shown() for upload in media],
        "quick_replies": [str(reply.get("title", ""))[:TITLE_SHOWN] for reply in message.get("quick_replies") or ()],
        "metadata": message.get("metadata"),
        "reply_to": as_object(attempt.params.get("reply_to")).get("mid"),
        "messaging_type": attempt.params.get("messaging_type"),
        "tag": attempt.tag,
        "persona_id": attempt.params.get("persona_id"),
    }


def _echoed(call: GraphCall, attempt: SendAttempt, mid: str, media: Sequence[Upload]) -> Mapping[str, Any]:
    return {
        "app_id": int(call.state.world.app.app_id),
        "metadata": attempt.message.get("metadata"),
        "mid": mid,
        "text": attempt.message.get("text"),
        "attachments": _echoed_attachments(call, attempt.message, media),
        "reply_to": attempt.params.get("reply_to"),
    }


def _echoed_attachments(
    call: GraphCall, message: Mapping[str, Any], media: Sequence[Upload]
) -> list[dict[str, Any]] | None:
    """As echoes have them: ids of uploads are numbers, a template has a title of its own."""
    sticker_id, attachment = message.get("sticker_id"), as_object(message.get("attachment"))
    if sticker_id is not None:
        url = call.state.media.put("sticker").url
        return [{"type": "sticker", "payload": {"url": url, "sticker_id": int(sticker_id)}}]
    if attachment.get("type") == "template":
        payload = attachment["payload"]
        return [{"title": payload.get("title") or payload.get("text") or "", "type": "template", "payload": payload}]
    return [
        {"type": upload.kind, "payload": {"url": upload.file.url, "attachment_id": int(upload.attachment_id)}}
        for upload in media
    ] or None
