"""Operators erase a customer: everything that was written by them and to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from expertflow.connector.v1.operations_service_pb2 import EraseCustomerRequest, EraseCustomerResponse
from facebook_connector.actors import current_actor
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_page_id, require_request_id
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.media.file_engine.names import tag_of
from facebook_connector.media.keep import KeepError
from facebook_connector.sending.failures import cancelled
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping.erasure import Customer, Erased, erase
from facebook_connector.store.keeping.namings import find_namings

MAX_PSID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Erases customers."""

    database: Database
    requests: OperatorRequests
    delete_bytes: Callable[[], Awaitable[None]]
    """Deletes the bytes of all media that are to go. Raises `KeepError`."""
    changed: Callable[[str], None]
    """Called with the page of which messages were cancelled."""

    async def erase(self, request: EraseCustomerRequest) -> EraseCustomerResponse:
        """Raises `ConnectorError` INVALID_FIELD, REQUEST_ID_REUSED, or STORE_UNAVAILABLE: then a repeat goes on."""
        customer = _customer(request)
        elsewhere = await find_namings(self.database, customer)
        failure = cancelled(current_actor())
        told: list[Erased] = []

        def work(transaction: Transaction, now_ms: int) -> EraseCustomerResponse:
            told[:] = [erase(transaction, customer, elsewhere, failure, now_ms)]
            return EraseCustomerResponse(
                erased_events=told[0].events,
                erased_messages=told[0].messages,
                erased_media=told[0].media,
                file_engine_tags=map(tag_of, told[0].left_in_file_engine),
            )

        audited: Audited[EraseCustomerResponse] = Audited(
            target=f"{customer.page_id}/{customer.psid}", detail=lambda _: _detail(told[0])
        )
        answer, _ = await self.requests.run(request, EraseCustomerResponse, work, audited)
        self.changed(customer.page_id)
        # Also by a repeat: the call before it may have ended here.
        await self._finish()
        return answer

    async def _finish(self) -> None:
        try:
            await self.delete_bytes()
        except KeepError as error:
            raise ConnectorError(
                "STORE_UNAVAILABLE",
                "The rows are erased; the bytes of media could not be deleted yet: repeat the call.",
            ) from error
        await self.database.scrub()


def _customer(request: EraseCustomerRequest) -> Customer:
    require_page_id(request.page_id)
    require_request_id(request.request_id)
    if not 0 < len(request.psid) <= MAX_PSID or "\0" in request.psid:
        refuse([FieldViolation(field="psid", description=f"must be the customer's id, 1 to {MAX_PSID} characters")])
    return Customer(page_id=request.page_id, psid=request.psid)


def _detail(erased: Erased) -> str:
    left = len(erased.left_in_file_engine)
    return (
        f"events: {erased.events}; messages: {erased.messages}; media: {erased.media};"
        f" quarantine entries: {erased.quarantined}" + (f"; left in the File Engine: {left}" if left else "")
    )
