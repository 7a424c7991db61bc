"""Messages to customers as a person reads them: where they stand, and how they came there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1.outbound_pb2 import Failure, OutboundMessage, SendHistoryEntry, SendOrigin, SendState

HISTORY_HEADER = ("TIME", "PART", "STATE", "WHY")
NOTHING = "-"


def message_rows(message: OutboundMessage) -> list[tuple[str, str]]:
    """One row per fact that is known."""
    return list(_rows(message))


def history_rows(history: Iterable[SendHistoryEntry]) -> list[tuple[str, str, str, str]]:
    """One row per change of state, oldest first; `-` as part is the message as a whole."""
    return [
        (
            _time(change.change_time),
            str(change.part_index) if change.HasField("part_index") else NOTHING,
            state_word(change.state),
            change.detail,
        )
        for change in history
    ]


def state_line(message: OutboundMessage) -> str:
    """State and id, and the reason where it failed."""
    line = f"{state_word(message.state).upper()} {message.id}"
    return f"{line} {_failed(message.failure)}" if message.HasField("failure") else line


def state_word(state: int) -> str:
    """The state's name as one lower-case word; one newer than this release shows its number."""
    names = {value: name for name, value in SendState.items()}
    return names[state].removeprefix("SEND_STATE_").lower() if state in names else str(state)


def _rows(message: OutboundMessage) -> Iterator[tuple[str, str]]:
    yield "id", message.id
    yield "page", message.page_id
    yield "customer", message.psid
    yield "state", state_word(message.state)
    yield "more by itself", "no" if message.terminal else "yes"
    if message.HasField("failure"):
        yield "failure", _failed(message.failure)
        yield "may be sent again", "yes" if message.failure.retryable else "no: the customer may have a part of it"
    for part in message.parts:
        yield f"part {part.index}", f"{state_word(part.state)} {part.provider_message_id}".rstrip()
    for warning in message.warnings:
        yield "changed", f"{warning.code}: {warning.detail}"
    yield "origin", SendOrigin.Name(message.origin).removeprefix("SEND_ORIGIN_").lower()
    yield "accepted", _time(message.accept_time)
    yield "not sent after", _time(message.expire_time)
    if message.HasField("window_close_time"):
        yield "window closes", _time(message.window_close_time)


def _failed(failure: Failure) -> str:
    code = f" ({failure.provider_code}" if failure.HasField("provider_code") else ""
    if code:
        code += f"/{failure.provider_subcode})" if failure.HasField("provider_subcode") else ")"
    return f"{failure.reason}: {failure.detail}{code}"


def _time(moment: Timestamp) -> str:
    return moment.ToJsonString()
