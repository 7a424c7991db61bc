"""Typing, seen marks and reactions: done at once, beside the lanes, by whichever server accepts them.

They are best effort: tried once, and never waited for. An action is done before its message is stored, so that what is
stored of it is true; a crash in between makes a repeat do it again, which does no harm.
"""

from __future__ import annotations

from cim_messenger.outbound import Action
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.sending import failures
from facebook_connector.sending.envelope import action_envelope
from facebook_connector.sending.graph_answers import Answered, SendAnswer
from facebook_connector.sending.values import Failure, Lane, SendingChannel
from facebook_connector.sending.verdicts import judge_action

TYPING_ON = "typing_on"
TYPING_OFF = "typing_off"
TIMEOUT_S = 5.0
"""How long Facebook may take: who types is soon done."""


async def perform(context: OutboxContext, channel: SendingChannel, psid: str, action: Action) -> Failure | None:
    """Does the action; returns why it could not be done. Raises `StoreUnavailable`."""
    if channel.stop_reason:
        return failures.channel_stopped(channel.page_id, channel.stop_reason)
    lane = Lane(page_id=channel.page_id, psid=psid)
    if action.sender_action == TYPING_ON and context.typing.is_shown(lane, context.clock.now_ms()):
        return None
    target_mid = await _target_mid(context, channel.page_id, action)
    if action.target is not None and not target_mid:
        return failures.no_target(action.target.cim_id)
    answer = await context.api.send(channel, action_envelope(psid, action, target_mid), TIMEOUT_S)
    failure = _failure(channel, answer)
    if failure is None:
        _note_typing(context, lane, action)
    return failure


def _note_typing(context: OutboxContext, lane: Lane, action: Action) -> None:
    if action.sender_action == TYPING_ON:
        context.typing.started(lane, context.clock.now_ms())
    elif action.sender_action == TYPING_OFF:
        context.typing.ended(lane)


async def _target_mid(context: OutboxContext, page_id: str, action: Action) -> str:
    if action.target is None:
        return ""
    return action.target.mid or await context.log.find_mid(page_id, action.target.cim_id)


def _failure(channel: SendingChannel, answer: SendAnswer) -> Failure | None:
    verdict = judge_action(answer)
    if verdict is None:
        return None
    error = answer.error if isinstance(answer, Answered) else None
    return failures.refused(verdict, error, part_index=None, metadata={"page_id": channel.page_id})
