"""A database as the first release left it: at schema 0004, with a row in every table.

Written in SQL, not with the code of today: the code of today is what is on trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import column, literal_column, select, table

from expertflow.cim.v1.message_pb2 import ChannelData, CimMessage, MessageBody, MessageHeader
from facebook_connector.store.database import Transaction
from facebook_connector.store.migrations.upgrade import upgrade
from tests.support.inbound_records import NOW_MS, PAGE, PSID

REVISION = "0004"

READ, UNREAD, WAITING = "read before the upgrade", "unread before the upgrade", "waited for its target"


def cim(name: str, words: str, psid: str = PSID) -> bytes:
    """A CIM message as it was stored."""
    return CimMessage(
        id=name,
        header=MessageHeader(channel_data=ChannelData(channel_customer_identifier=psid, service_identifier=PAGE)),
        body=MessageBody(type="PLAIN", markdown_text=words),
    ).SerializeToString()


def _key(key_id: int, psid: str, messages: int, events: int) -> dict[str, Any]:
    counters = {"last_seq": messages, "last_event_number": events, "last_lane_position": 1}
    times = {"newest_event_ms": NOW_MS, "last_customer_action_ms": NOW_MS, "create_time_ms": NOW_MS}
    return {"key_id": key_id, "page_id": PAGE, "psid": psid, **counters, **times}


def _event(key_id: int, number: int, mid: str, kind: int = 1) -> dict[str, Any]:
    return {
        "key_id": key_id,
        "event_number": number,
        "tenant_id": "expertflow",
        "dedupe_key": f"mid:{mid}",
        "kind": kind,
        "mid": mid,
        "event_time_ms": NOW_MS,
        "store_time_ms": NOW_MS,
        "opens_window": True,
        "late": False,
        "origin": 1,
        "translator_version": 1,
        "raw": b'{"message":{}}',
    }


def _message(seq: int, name: str, words: str) -> dict[str, Any]:
    content = {"cim_id": name, "message": cim(name, words), "context": b""}
    return {"key_id": 1, "seq": seq, "event_number": seq, "kind": 1, **content}


ROWS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "channel": (
        {
            "page_id": PAGE,
            "tenant_id": "expertflow",
            "app_id": "555",
            "graph_version": "",
            "human_agent_enabled": False,
            "allow_custom": False,
            "allow_unsigned": False,
            "wanted_fields": "[]",
            "state": "ACTIVE",
            "stop_reason": "",
            "state_reason": "",
            "state_time_ms": NOW_MS,
            "etag": "1",
            "create_time_ms": NOW_MS,
            "update_time_ms": NOW_MS,
        },
    ),
    "channel_secret": (
        {"page_id": PAGE, "name": "app_secret", "position": 0, "key_id": "lost", "sealed": b"sealed by a lost key"},
    ),
    "ordering_key": (_key(1, PSID, 2, 2), _key(2, "2", 0, 1)),
    "event": (_event(1, 1, "m_1"), _event(1, 2, "m_2"), _event(2, 1, "m_3", kind=2)),
    "message": (_message(1, "cim-1", READ), _message(2, "cim-2", UNREAD)),
    "message_hold": ({"key_id": 1, "seq": 2, "cause": "MEDIA", "until_ms": NOW_MS},),
    "mid": (
        {"page_id": PAGE, "mid": "m_1", "part": 0, "cim_id": "cim-1", "direction": "IN", "create_time_ms": NOW_MS},
    ),
    "dedupe": ({"page_id": PAGE, "dedupe_key": "mid:m_1", "first_seen_ms": NOW_MS},),
    "quarantine": (
        {
            "reason": "UNKNOWN_PAGE",
            "page_id": "9",
            "sha256": b"s" * 32,
            "detail": "",
            "translator_version": 0,
            "times_seen": 1,
            "receive_time_ms": NOW_MS,
            "last_seen_ms": NOW_MS,
            "raw": b"{}",
        },
    ),
    "cursor": (
        {
            "subscription_id": 1,
            "key_id": 1,
            "page_id": PAGE,
            "position": 1,
            "head_seq": 2,
            "head_kind": 1,
            "ready_at_ms": NOW_MS,
            "attempt": 1,
            "failures": 1,
            "first_failure_ms": NOW_MS,
            "owner": "a server of before",
            "client_id": "ccm-1",
            "epoch": 3,
        },
    ),
    "side_queue": ({"subscription_id": 1, "key_id": 1, "place": 1, "seq": 1, "origin": 2, "create_time_ms": NOW_MS},),
    "request": (
        {"method": "operator", "request_id": "r", "fingerprint": b"f", "answer": b"a", "create_time_ms": NOW_MS},
    ),
    "page_lease": ({"page_id": PAGE, "owner": "", "epoch": 1, "until_ms": 0},),
    "outbound_message": (
        {
            "page_id": PAGE,
            "cim_id": "out-1",
            "key_id": 1,
            "lane_position": 1,
            "content_hash": "1:x",
            "origin": "HUMAN",
            "state": "SENT",
            "accept_time_ms": NOW_MS,
            "expire_time_ms": NOW_MS,
            "update_time_ms": NOW_MS,
            "close_time_ms": NOW_MS,
            "quote_mid": "",
            "quote_cim_id": "",
            "warnings": "[]",
            "message": cim("out-1", "an answer"),
        },
    ),
    "outbound_part": (
        {
            "page_id": PAGE,
            "cim_id": "out-1",
            "part_index": 0,
            "kind": "TEXT",
            "state": "SENT",
            "attempts": 0,
            "calls": 1,
            "retry_at_ms": 0,
            "mid": "m_out",
            "update_time_ms": NOW_MS,
            "sent_time_ms": NOW_MS,
            "payload": b'{"text":"an answer"}',
        },
    ),
    "outbound_history": (
        {
            "page_id": PAGE,
            "cim_id": "out-1",
            "part_index": 0,
            "time_ms": NOW_MS,
            "state": "SENT",
            "detail": "Sent to Facebook.",
        },
    ),
    "media": (
        {
            "media_id": "medium",
            "page_id": PAGE,
            "cim_id": "cim-1",
            "key_id": 1,
            "seq": 1,
            "kind": "image",
            "source_url": "https://cdn.example/a",
            "name": "a",
            "state": "STORED",
            "reason": "",
            "mime_type": "image/png",
            "size": 3,
            "sha256": "0" * 64,
            "attempts": 0,
            "create_time_ms": NOW_MS,
            "settle_time_ms": NOW_MS,
            "expire_time_ms": 2 * NOW_MS,
        },
    ),
    "waiting_event": (
        {
            "key_id": 2,
            "event_number": 1,
            "page_id": PAGE,
            "psid": "2",
            "wait_mid": "m_never",
            "due_ms": NOW_MS,
            "is_echo": False,
        },
    ),
    "waiting_message": (
        {
            "key_id": 2,
            "event_number": 1,
            "part": 0,
            "cim_id": "cim-3",
            "message": cim("cim-3", WAITING, "2"),
            "context": b"",
        },
    ),
    "edit": ({"page_id": PAGE, "mid": "m_1", "edit_number": 2, "update_time_ms": NOW_MS},),
    "receipt_mark": (
        {"key_id": 1, "status": "READ", "watermark_ms": NOW_MS, "event_number": 1, "store_time_ms": NOW_MS},
    ),
    "parked_receipt": ({"key_id": 1, "mid": "m_out", "page_id": PAGE, "event_number": 1, "until_ms": NOW_MS},),
    "receipt_check": ({"key_id": 1},),
    "thread_owner": ({"page_id": PAGE, "psid": PSID, "app_id": "555", "observe_time_ms": NOW_MS},),
}
"""By table, in an order in which each row finds those it points to. Three more tables have a row by themselves."""

MADE_AT_ONCE = ("installation", "subscription", "media_secret")


def build(transaction: Transaction) -> None:
    """Makes an empty database what it was."""
    upgrade(transaction, REVISION)
    for name, rows in ROWS.items():
        for row in rows:
            transaction.execute(table(name, *map(column, row)).insert(), row)


def contents(transaction: Transaction) -> dict[str, list[dict[str, Any]]]:
    """What the columns that the first release had hold, table by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in (*ROWS, *MADE_AT_ONCE):
        columns: list[Any] = [column(one) for one in ROWS[name][0]] if name in ROWS else [literal_column("*")]
        rows = transaction.execute(select(*columns).select_from(table(name))).mappings().all()
        found[name] = sorted((dict(row) for row in rows), key=repr)
    return found
