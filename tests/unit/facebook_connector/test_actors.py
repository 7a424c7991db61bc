from __future__ import annotations

import asyncio

from facebook_connector.actors import acting_as, current_actor


def test_outside_of_any_call_the_server_acts() -> None:
    assert current_actor() == "server"


async def test_each_call_has_its_own_caller() -> None:
    async def act(name: str) -> str:
        with acting_as(name):
            await asyncio.sleep(0)
            return current_actor()

    assert [*await asyncio.gather(act("anna"), act("ben"))] == ["anna", "ben"]
    assert current_actor() == "server"
