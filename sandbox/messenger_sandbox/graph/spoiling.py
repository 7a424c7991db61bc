"""Lets the fault that is scripted for a call happen to it: waits, and answers something else if the fault says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.faults import ScriptedFault, Stage
from messenger_sandbox.graph.call import Answer, GraphCall, error_answer
from messenger_sandbox.world import Page


async def fault_of(
    call: GraphCall, stage: Stage, psid: str | None, *, mid: str | None = None, echo: Delivery | None = None
) -> Answer | None:
    """Lets the fault scripted for this call happen; returns what it answers, None if the call goes on."""
    scripted = call.state.faults.take(stage, call.caller.page_id, psid) if isinstance(call.caller, Page) else None
    if scripted is None:
        return None
    fault = scripted.fault
    if fault.echo_first and echo is not None:
        await echo
    if fault.delay_s:
        await call.state.sleep(fault.delay_s)
    return _spoilt(call, scripted, {"psid": psid, "mid": mid, "fault": scripted.name})


def _spoilt(call: GraphCall, scripted: ScriptedFault, facts: Mapping[str, Any]) -> Answer | None:
    fault = scripted.fault
    if fault.error is not None:
        return error_answer(fault.error, call.trace_id, **facts)
    return None if fault.status is None else Answer(body=fault.body, status=fault.status, facts=facts)
