from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.support.chaos.chance import Chance
from tests.support.chaos.fleet import LAYOUTS, Fleet, FleetPlan, Role, assemble
from tests.support.chaos.in_flight import Flight
from tests.support.chaos.journal import Answered, Delivered, Journal, Posted
from tests.support.chaos.reaper import SHARES, Reaper

KILLS = 2_000


def fleet(engine: str) -> Fleet:
    plan = FleetPlan(layout=LAYOUTS[engine], folder=Path(), database={}, graph_url="http://127.0.0.1:9", seed=1)
    return assemble(plan, Journal())


def victims(engine: str, seed: int) -> list[str]:
    doomed = fleet(engine)
    reaper = Reaper(fleet=doomed, flight=Flight(doomed.server_of), chance=Chance(seed), kills=KILLS)
    return [reaper._victim(number).name for number in range(KILLS)]


@pytest.mark.parametrize("engine", LAYOUTS)
def test_a_seed_names_the_victims(engine: str) -> None:
    assert victims(engine, 7) == victims(engine, 7)
    assert victims(engine, 7) != victims(engine, 8)


@pytest.mark.parametrize("engine", LAYOUTS)
def test_every_process_dies_and_each_kind_as_often_as_it_shall(engine: str) -> None:
    killed = Counter(victims(engine, 7))
    role_of = {member.name: member.role for member in fleet(engine).members}
    of_role = Counter({role: sum(killed[name] for name in role_of if role_of[name] is role) for role in Role})

    assert set(killed) == set(role_of)
    for role, share in SHARES.items():
        assert of_role[role] / KILLS == pytest.approx(share, abs=0.05)


def test_on_postgresql_two_servers_and_two_gateways_serve_one_database() -> None:
    assert fleet("postgresql").server_of == {"gateway-1": "server-1", "gateway-2": "server-2"}


def test_who_gets_a_webhook_or_a_message_is_at_work() -> None:
    watched = fleet("postgresql")
    watched.watch(Posted(at=1, post=1, gateway="gateway-2", conversation=1, number=1))
    watched.watch(
        Delivered(
            at=2,
            consumer="ccm-1",
            conversation=1,
            number=1,
            attempt=1,
            stream=1,
            server="server-1",
            cim_id="cim-1",
            deadline_at=12,
        )
    )

    assert {member.name for member in watched.members if member.working.is_set()} == {
        "gateway-2",
        "ccm-1",
        "server-1",
    }


async def test_a_process_that_is_done_with_its_work_is_not_killed_yet() -> None:
    doomed = fleet("sqlite")
    journal, flight = Journal(), Flight(doomed.server_of)
    journal.show(doomed.watch)
    journal.show(flight.take)
    (gateway,) = doomed.gateways
    reaper = Reaper(fleet=doomed, flight=flight, chance=Chance(7), kills=1)
    waiting = asyncio.create_task(reaper._work_of(gateway, 1))
    await asyncio.sleep(0)

    journal.add(Posted(at=1, post=1, gateway=gateway.name, conversation=1, number=1))
    journal.add(Answered(at=1, post=1, status=200))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done

    journal.add(Posted(at=2, post=2, gateway=gateway.name, conversation=1, number=2))
    await waiting
    assert flight.hit(gateway.name, 3).in_flight
