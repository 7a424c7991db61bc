"""An outbound queue on a real database, and short ways to do with it what an outbox does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cim_messenger.outbound import PartKind
from facebook_connector.sending.lane import Call
from facebook_connector.sending.offers import Acceptance, HeadStart, Offer
from facebook_connector.sending.values import (
    Closing,
    Failure,
    HistoryEntry,
    Lane,
    LaneHead,
    OutboundRecord,
    OutboundStatus,
    PageLease,
    PartBeginning,
    PartRecord,
    PartSettlement,
    PartState,
    SendOrigin,
)
from facebook_connector.sending.window import Label
from facebook_connector.store.database import Database
from facebook_connector.store.outbound.queue import OutboundStore
from tests.support.inbound_records import NOW_MS, PAGE, PSID

TTL_MS = 3_600_000
LEASE_MS = 15_000
REFUSED = Failure(reason="PROVIDER_REJECTED", detail="Facebook refused it.", provider_code=100, part_index=0)
GIVEN_UP = Failure(reason="DELIVERY_UNCERTAIN", detail="Nobody knows.", metadata={"part_index": "0"}, part_index=0)


def a_record(cim_id: str = "out-1", *, parts: int = 1, **changes: object) -> OutboundRecord:
    """A message to `PSID`, accepted at `NOW_MS`."""
    record = OutboundRecord(
        page_id=PAGE,
        psid=PSID,
        cim_id=cim_id,
        content_hash=f"1:{cim_id}",
        message=f"message {cim_id}".encode(),
        origin=SendOrigin.HUMAN,
        accept_time_ms=NOW_MS,
        expire_time_ms=NOW_MS + TTL_MS,
        parts=tuple(
            PartRecord(index=index, kind=PartKind.TEXT, payload=f'{{"message":{{"text":"{cim_id}.{index}"}}}}'.encode())
            for index in range(parts)
        ),
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def an_offer(record: OutboundRecord, *, elsewhere: bool = False) -> Offer:
    """Offers the record, whatever the window clock says."""
    return Offer(
        page_id=record.page_id,
        psid=record.psid,
        cim_id=record.cim_id,
        content_hash=record.content_hash,
        origin=record.origin,
        kinds=tuple(part.kind for part in record.parts),
        now_ms=record.accept_time_ms,
        record=lambda _: record,
        elsewhere=elsewhere,
    )


def first_call(head: LaneHead) -> Call:
    """A call of the head's first part."""
    return Call(part=head.parts[0], label=Label.RESPONSE, quoted=False, body={})


@dataclass
class OutboundQueue:
    """The queue of one database. Calls are made under `lease`; every call is a second later than the one before."""

    database: Database
    lease: PageLease = field(default_factory=lambda: PageLease(page_id=PAGE, owner="", epoch=0, until_ms=0))
    now_ms: int = NOW_MS

    @property
    def store(self) -> OutboundStore:
        return OutboundStore(self.database)

    def tick(self) -> int:
        self.now_ms += 1000
        return self.now_ms

    async def accept(self, cim_id: str = "out-1", *, parts: int = 1, **changes: object) -> Acceptance:
        return await self.store.accept(an_offer(a_record(cim_id, parts=parts, **changes)))

    async def accept_and_begin(self, cim_id: str = "out-1", *, parts: int = 1, **changes: object) -> Acceptance:
        """Accepts a message with a head start under the present lease."""
        return await self.store.accept(self.starting(a_record(cim_id, parts=parts, **changes)))

    def starting(self, record: OutboundRecord) -> Offer:
        """Offers the record with a head start under the present lease, whatever its window and its channel say."""
        return replace(
            an_offer(record), head_start=HeadStart(epoch=self.lease.epoch, plan=first_call, detail="begun at once")
        )

    async def own(self, owner: str = "server-1") -> PageLease:
        """Takes the page for a server, whose lease the next calls are made under."""
        (self.lease,) = await self.store.acquire_pages(owner, self.now_ms, self.now_ms + LEASE_MS)
        return self.lease

    async def begin(self, cim_id: str = "out-1", index: int = 0, *, lease: PageLease | None = None) -> bool:
        return await self.store.begin_part(
            PartBeginning(
                page_id=PAGE,
                cim_id=cim_id,
                index=index,
                epoch=(lease or self.lease).epoch,
                now_ms=self.tick(),
                detail="begun",
            )
        )

    async def settle(
        self, state: PartState, cim_id: str = "out-1", index: int = 0, *, lease: PageLease | None = None, **more: object
    ) -> OutboundStatus:
        settlement = PartSettlement(
            page_id=PAGE,
            cim_id=cim_id,
            index=index,
            epoch=(lease or self.lease).epoch,
            now_ms=self.tick(),
            state=state,
            detail=f"settled {state.value}",
        )
        if state is PartState.SENT:
            more = {"mid": f"m_{cim_id}.{index}", **more}
        if state is PartState.FAILED:
            more = {"failure": REFUSED, **more}
        return (await self.store.settle_part(replace(settlement, **more))).status  # type: ignore[arg-type]

    async def settle_unsent(
        self, state: PartState, cim_id: str = "out-1", *, lease: PageLease | None = None, **more: object
    ) -> OutboundStatus:
        settlement = PartSettlement(
            page_id=PAGE,
            cim_id=cim_id,
            index=0,
            epoch=(lease or self.lease).epoch,
            now_ms=self.tick(),
            state=state,
            detail="not sent",
        )
        return await self.store.settle_unsent(replace(settlement, **more))  # type: ignore[arg-type]

    async def close(
        self, cim_id: str = "out-1", failure: Failure = GIVEN_UP, *, lease: PageLease | None = None
    ) -> OutboundStatus:
        epoch = (lease or self.lease).epoch
        return await self.store.close(
            Closing(page_id=PAGE, cim_id=cim_id, epoch=epoch, now_ms=self.tick(), failure=failure)
        )

    async def send(self, cim_id: str = "out-1", index: int = 0) -> OutboundStatus:
        """Begins a part and settles it SENT."""
        assert await self.begin(cim_id, index)
        return await self.settle(PartState.SENT, cim_id, index)

    async def in_doubt(self, cim_id: str = "out-1", *, parts: int = 1) -> None:
        """Accepts a message whose first part becomes UNCERTAIN."""
        await self.accept(cim_id, parts=parts)
        await self.own()
        assert await self.begin(cim_id)
        await self.settle(PartState.UNCERTAIN, cim_id)

    async def head(self, psid: str = PSID) -> LaneHead | None:
        return await self.store.lane_head(Lane(page_id=PAGE, psid=psid))

    async def status(self, cim_id: str = "out-1") -> OutboundStatus:
        (details,) = await self.store.get(cim_id, PAGE)
        return details.status

    async def part_states(self, cim_id: str = "out-1") -> list[str]:
        return [part.state.value for part in (await self.status(cim_id)).parts]

    async def history(self, cim_id: str = "out-1") -> tuple[HistoryEntry, ...]:
        (details,) = await self.store.get(cim_id, PAGE)
        return details.history
