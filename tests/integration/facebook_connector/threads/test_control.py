"""ThreadService over its port, with the sandbox as Facebook, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import thread_service_pb2 as pb
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.thread_service_pb2_grpc import ThreadServiceStub
from messenger_sandbox import Page, Person, RunningSandbox, Sandbox, SandboxConfig
from messenger_sandbox.fault_rules import read_rule
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.threads import PAGE_INBOX_APP_ID, Routing
from tests.support.operators import ANNA, CCM, Operators, refusal, running_operators
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, PSID, VERIFY_TOKEN

if TYPE_CHECKING:
    from expertflow.connector.v1.thread_service_pb2_grpc import ThreadServiceAsyncStub

INBOX = str(PAGE_INBOX_APP_ID)
WHO = {"page_id": PAGE_ID, "psid": PSID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """The calls of a contact centre, and the Facebook at the other end."""

    facebook: RunningSandbox
    operators: Operators
    stub: ThreadServiceAsyncStub

    async def owner(self, *, refresh: bool = False) -> str | None:
        """The owner's app; None: unknown."""
        request = pb.GetThreadOwnerRequest(**WHO, refresh=refresh)
        answer = await self.stub.GetThreadOwner(request, metadata=CCM)
        return answer.owner.app_id if answer.HasField("owner") else None

    def moves(self) -> int:
        """How many calls that move control reached Facebook."""
        answered = (entry for entry in self.facebook.journal.entries() if entry.kind is EntryKind.GRAPH_ANSWERED)
        return sum("thread_control" in entry.details["edge"] for entry in answered)


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    routing = Routing(default_app_id=INBOX)
    page = Page(page_id=PAGE_ID, token=PAGE_TOKEN, name="Invented Shoes", routing=routing)
    config = SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        pages=(page,),
        people=(Person(psid=PSID, page_id=PAGE_ID),),
    )
    async with Sandbox(config).serve() as running:
        yield running


async def with_channel(operators: Operators, app_id: str) -> None:
    secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN)
    request = CreateChannelRequest(channel=Channel(page_id=PAGE_ID, app_id=app_id), secrets=secrets)
    await operators.channels.CreateChannel(request, metadata=ANNA)


@pytest.fixture
async def threads(tmp_path: Path, database_url: str, facebook: RunningSandbox) -> AsyncIterator[Threads]:
    async with running_operators(tmp_path / "data", database_url, graph_url=facebook.base_url) as operators:
        await with_channel(operators, APP_ID)
        yield Threads(facebook=facebook, operators=operators, stub=ThreadServiceStub(operators.channel))


async def test_a_conversation_is_taken_extended_passed_and_owned_by_others(threads: Threads) -> None:
    assert await threads.owner() is None

    taken = await threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM)
    assert (taken.owner.app_id, taken.owner.owned_by_this_app) == (APP_ID, True)
    assert await threads.owner() == await threads.owner(refresh=True) == APP_ID

    request = pb.ExtendThreadControlRequest(**WHO, duration=Duration(seconds=3600))
    extended = await threads.stub.ExtendThreadControl(request, metadata=CCM)
    lasts_s = extended.owner.expire_time.seconds - extended.owner.observe_time.seconds
    assert abs(lasts_s - 3600) <= 1

    passed = await threads.stub.PassThreadControl(pb.PassThreadControlRequest(**WHO, target_app_id=INBOX), metadata=CCM)
    assert (passed.owner.app_id, passed.owner.owned_by_this_app) == (INBOX, False)

    asked = await threads.stub.RequestThreadControl(pb.RequestThreadControlRequest(**WHO), metadata=CCM)
    assert asked.owner.app_id == INBOX
    assert await threads.owner(refresh=True) == INBOX


async def test_a_conversation_that_is_given_up_is_nobodys(threads: Threads) -> None:
    await threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM)
    released = await threads.stub.ReleaseThreadControl(pb.ReleaseThreadControlRequest(**WHO), metadata=CCM)
    assert (released.owner.app_id, released.owner.owned_by_this_app) == ("", False)
    assert await threads.owner() == await threads.owner(refresh=True) == ""


async def test_what_is_so_already_is_no_refusal(threads: Threads) -> None:
    await threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM)
    for _ in range(2):
        released = await threads.stub.ReleaseThreadControl(pb.ReleaseThreadControlRequest(**WHO), metadata=CCM)
        assert released.owner.app_id == ""


async def test_a_repeat_under_one_request_id_asks_facebook_once(threads: Threads) -> None:
    request = pb.TakeThreadControlRequest(**WHO, request_id="take-1")
    answers = [await threads.stub.TakeThreadControl(request, metadata=CCM) for _ in range(3)]
    assert len({answer.SerializeToString() for answer in answers}) == 1
    assert threads.moves() == 1


async def test_who_moved_control_stands_in_the_audit_log(threads: Threads) -> None:
    await threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM)
    assert ("ccm", "TakeThreadControl", "") in await threads.operators.audited()


async def test_the_owners_refusal_is_told_with_facebooks_numbers(threads: Threads) -> None:
    threads.facebook.types_in_inbox(PSID, "I take this one")
    status, info = await refusal(threads.stub.ReleaseThreadControl(pb.ReleaseThreadControlRequest(**WHO), metadata=CCM))
    assert (status, info.reason) == ("FAILED_PRECONDITION", "THREAD_CONTROL_REFUSED")
    assert (info.metadata["provider_code"], info.metadata["provider_subcode"]) == ("10", "2018300")
    # What was learnt on the way is kept.
    assert await threads.owner() == INBOX


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"page_id": "104792690000009"}, "NOT_FOUND", "CHANNEL_NOT_FOUND"),
        ({"page_id": "shop"}, "INVALID_ARGUMENT", "INVALID_FIELD"),
        ({"psid": ""}, "INVALID_ARGUMENT", "INVALID_FIELD"),
        ({"psid": "7001002003009999"}, "NOT_FOUND", "RECIPIENT_UNKNOWN"),
        ({"request_id": "x" * 129}, "INVALID_ARGUMENT", "INVALID_FIELD"),
    ],
)
async def test_bad_input(threads: Threads, changes: dict[str, Any], status: str, reason: str) -> None:
    request = pb.TakeThreadControlRequest(**{**WHO, **changes})
    found, info = await refusal(threads.stub.TakeThreadControl(request, metadata=CCM))
    assert (found, info.reason) == (status, reason)


async def test_only_the_contact_centre_moves_control(threads: Threads) -> None:
    status, info = await refusal(threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=ANNA))
    assert (status, info.reason) == ("PERMISSION_DENIED", "ROLE_REQUIRED")


async def test_a_throttled_call_says_when_to_come_back(threads: Threads) -> None:
    threads.facebook.state.faults.add(read_rule({"name": "page_limit", "endpoint": "thread_control"}))
    status, info = await refusal(threads.stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM))
    assert (status, info.reason) == ("RESOURCE_EXHAUSTED", "PROVIDER_THROTTLED")


async def test_a_channel_that_does_not_know_its_app_learns_the_owner_from_facebook(
    tmp_path: Path, database_url: str, facebook: RunningSandbox
) -> None:
    async with running_operators(tmp_path / "data", database_url, graph_url=facebook.base_url) as operators:
        await with_channel(operators, "")
        stub: ThreadServiceAsyncStub = ThreadServiceStub(operators.channel)
        async with asyncio.timeout(10):
            taken = await stub.TakeThreadControl(pb.TakeThreadControlRequest(**WHO), metadata=CCM)
        assert (taken.owner.app_id, taken.owner.owned_by_this_app) == (APP_ID, True)
