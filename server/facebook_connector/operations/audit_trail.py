"""Operators look up who did what."""

from __future__ import annotations

from expertflow.connector.v1.operations_pb2 import AuditEvent
from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest, ListAuditEventsResponse
from facebook_connector.channels.paging import filters_of, number_after, page_limit, token_after
from facebook_connector.operations.conditions import moment_ms, require_texts
from facebook_connector.store.keeping.audit import AuditFilter, AuditLog, AuditRow
from facebook_connector.timestamps import timestamp


class AuditTrail:
    """The audit log as operators see it."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def list(self, request: ListAuditEventsRequest) -> ListAuditEventsResponse:
        """Raises `ConnectorError` INVALID_FIELD or PAGE_TOKEN_INVALID."""
        limit, filters = page_limit(request.page_size), filters_of(request)
        before = number_after(request.page_token, filters, "ListAuditEvents")
        rows = await self._log.list(_filter(request), before=before, limit=limit + 1)
        shown = rows[:limit]
        return ListAuditEventsResponse(
            audit_events=map(_message, shown),
            next_page_token=token_after(str(shown[-1].audit_id), filters) if len(rows) > limit else "",
        )


def _filter(request: ListAuditEventsRequest) -> AuditFilter:
    require_texts(request, "actor", "action", "target")
    return AuditFilter(
        actor=request.actor,
        action=request.action,
        target=request.target,
        start_ms=moment_ms(request, "start_time"),
        end_ms=moment_ms(request, "end_time"),
    )


def _message(row: AuditRow) -> AuditEvent:
    return AuditEvent(
        id=str(row.audit_id),
        event_time=timestamp(row.event_time_ms),
        actor=row.actor,
        action=row.action,
        target=row.target,
        detail=row.detail,
        request_id=row.request_id,
    )
