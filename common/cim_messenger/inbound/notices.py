"""Rows of the table for everything that is no talk: CUSTOM with what Facebook said.

Events of a customer (opt-in, referral, order, …) and of the page (thread control, roles, policy, comments). Anything
without a page-scoped id belongs to the page, whatever it is: nobody could answer it.
"""

from __future__ import annotations

from dataclasses import replace

from cim_messenger.inbound.bodies import custom, kind_node
from cim_messenger.inbound.context import add_more, base_context, feedback_of, opt_in_of
from cim_messenger.inbound.dedupe import content_key, key
from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import identifier, members, time_ms
from cim_messenger.inbound.surveys import answered
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_CUSTOMER_EVENT, EVENT_KIND_PAGE_EVENT, EventKind
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext


def customer_event(event: Event) -> Draft:
    """Something a customer did besides talking."""
    return _notice(event, EVENT_KIND_CUSTOMER_EVENT, base_context(event))


def referral(event: Event) -> Draft:
    """`referral` alone: a customer came back to a conversation through a link or an ad."""
    return replace(customer_event(event), opens_window=True)


def optin(event: Event) -> Draft:
    """`optin`, in any of its forms."""
    context = base_context(event)
    context.opt_in.CopyFrom(opt_in_of(event.payload))
    return _notice(event, EVENT_KIND_CUSTOMER_EVENT, context)


def feedback(event: Event) -> Draft:
    """`messaging_feedback`: answers to a feedback template, and the message that asked if it was ours."""
    payload, survey = answered(event.payload)
    context = base_context(event)
    answers = feedback_of(payload)
    if answers is not None:
        context.feedback.CopyFrom(answers)
        context.feedback.survey_message_id = survey
    draft = _notice(event, EVENT_KIND_CUSTOMER_EVENT, context)
    node = kind_node(event.key, payload)
    return replace(draft, parts=(lambda _link: custom(node),), original_message_id=survey)


def page_event(event: Event) -> Draft:
    """News about the page, or about who owns a conversation."""
    return _notice(event, EVENT_KIND_PAGE_EVENT, base_context(event))


def feed(event: Event) -> Draft:
    """`feed` and `mention` changes: comments and posts. Times count seconds; only comments have an id of their own."""
    change = members(event.payload)
    comment = identifier(change.get("comment_id"))
    verb = identifier(change.get("verb"))
    moment = change.get("edited_time") or change.get("created_time")
    draft = replace(page_event(event), time_ms=time_ms(moment))
    if not (comment and verb and identifier(moment)):
        return draft
    return replace(draft, dedupe_key=key(event.row, comment, verb, identifier(moment)))


def change(event: Event) -> Draft:
    """A change of any other field; some tell their time."""
    return replace(page_event(event), time_ms=time_ms(members(event.payload).get("timestamp")))


def _notice(event: Event, kind: EventKind, context: MessengerContext) -> Draft:
    add_more(context, event, {})
    node = kind_node(event.key, event.payload)
    return Draft(kind=kind, dedupe_key=content_key(event), parts=(lambda _link: custom(node),), context=context)
