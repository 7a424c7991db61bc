"""Lets the fault that is scripted for a call happen to it: waits, and answers something else if the fault says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.fault_script import Endpoint, Occasion, ScriptedFault
from messenger_sandbox.faults import Stage
from messenger_sandbox.graph.call import Answer, GraphCall, Room, error_answer
from messenger_sandbox.rules.attempt import as_object, recipient_psid
from messenger_sandbox.usage import usage_headers
from messenger_sandbox.world import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that the customer sees, and its echo on its way."""

    mid: str
    echo: Delivery


async def fault_of(
    call: GraphCall, stage: Stage, psid: str | None, *, endpoint: Endpoint, taken: Taken | None = None
) -> Answer | None:
    """Lets the fault scripted for this call happen; returns what it answers, None if the call goes on."""
    if not call.state.faults.waiting or not isinstance(call.caller, Page):
        return None
    page_id, text = call.caller.page_id, as_object(call.params.get("message")).get("text")
    occasion = Occasion(
        stage=stage,
        endpoint=endpoint,
        page_id=page_id,
        psid=psid,
        text=text if isinstance(text, str) else None,
    )
    scripted = call.state.faults.take(occasion)
    if scripted is None:
        return None
    if scripted.fault.echo_first and taken is not None:
        await taken.echo
    if scripted.fault.delay_s:
        await call.state.sleep(scripted.fault.delay_s)
    return _spoilt(call, scripted, page_id, _facts(scripted, psid, taken))


async def spoilable(call: GraphCall, room: Room, endpoint: Endpoint) -> Answer:
    """Lets a room answer, and the faults happen that are scripted before or after it did."""
    psid = recipient_psid(call.params)
    refused = await fault_of(call, Stage.BEFORE_TAKEN, psid, endpoint=endpoint)
    if refused is not None:
        return refused
    answer = await room(call)
    return await fault_of(call, Stage.AFTER_TAKEN, psid, endpoint=endpoint) or answer


def _facts(scripted: ScriptedFault, psid: str | None, taken: Taken | None) -> Mapping[str, Any]:
    return {"psid": psid, "mid": None if taken is None else taken.mid, "fault": scripted.name}


def _spoilt(call: GraphCall, scripted: ScriptedFault, page_id: str, facts: Mapping[str, Any]) -> Answer | None:
    fault = scripted.fault
    headers = {} if fault.usage is None else usage_headers(page_id, fault.usage)
    if fault.reset:
        return Answer(body=b"", reset=True, facts=facts)
    if fault.error is not None:
        return error_answer(fault.error, call.trace_id, headers=headers, **facts)
    return None if fault.status is None else Answer(body=fault.body, status=fault.status, headers=headers, facts=facts)
