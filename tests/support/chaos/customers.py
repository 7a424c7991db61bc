"""The customers, and Facebook between them and the gateways: signed webhooks, repeated until one gets its 200.

Each conversation is a lane of its own: message n + 1 leaves only after the 200 of n. Beside that Facebook repeats
webhooks that it had its 200 for, and packs messages together with earlier ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from time import time

import httpx

from tests.support.channels import APP_SECRET, PAGE_ID
from tests.support.chaos.chance import Chance
from tests.support.chaos.conduct import CONVERSATIONS, PAUSE_S, REPEATED, WITH_EARLIER, Text, psid
from tests.support.chaos.journal import Answered, Journal, Posted, Said, now
from tests.support.chaos.progress import Progress
from tests.support.webhook_bodies import signed, text_item, webhook

ANSWER_WITHIN_S = 5.0
"""Facebook waits no longer."""

AGAIN_AFTER_S = (0.05, 0.4)
"""Facebook waits longer; but what matters happens in between all the same."""

PATIENCE_S = 15.0
"""After so long without an acknowledgement of the last thing a customer says another one."""

CONNECTIONS = 64


@dataclass(slots=True, kw_only=True)
class Customers:
    """All conversations of a run; `gateways` are the webhook addresses by name."""

    chance: Chance
    journal: Journal
    progress: Progress
    gateways: Mapping[str, str]
    _posts: count[int] = field(default_factory=lambda: count(1))
    _enough: asyncio.Event = field(default_factory=asyncio.Event)

    def say_goodbye(self) -> None:
        """Every customer says a last thing, and another one as long as none of them is acknowledged for certain.

        An acknowledgement that is confirmed proves that all before it are settled.
        """
        self._enough.set()

    async def talk(self) -> dict[int, int]:
        """Returns when the last thing that everybody said is acknowledged; by conversation, how many there were."""
        limits = httpx.Limits(max_connections=CONNECTIONS)
        async with httpx.AsyncClient(limits=limits, timeout=ANSWER_WITHIN_S, trust_env=False) as facebook:
            lanes = [
                asyncio.create_task(self._lane(facebook, conversation), name=f"conversation {conversation}")
                for conversation in range(1, CONVERSATIONS + 1)
            ]
            try:
                return dict(enumerate(await asyncio.gather(*lanes), start=1))
            finally:
                for lane in lanes:
                    lane.cancel()
                await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self, facebook: httpx.AsyncClient, conversation: int) -> int:
        async with asyncio.TaskGroup() as repeats:
            for number in count(1):
                text = Text(said=Said(conversation, number), last=self._enough.is_set())
                body = self._webhook(text)
                await self._until_taken(facebook, text.said, body)
                if self.chance.happens(REPEATED, "repeated", text.said):
                    repeats.create_task(self._post(facebook, text.said, body, "repeat"))
                if text.last and await self._settled(text.said):
                    return number
                await self._think(text.said)
        raise AssertionError("numbers never end")

    async def _think(self, said: Said) -> None:
        """A pause, which ends at once when it is time to go."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.chance.between(*PAUSE_S, "pause", said)):
                await self._enough.wait()

    async def _settled(self, said: Said) -> bool:
        """Whether a message is acknowledged before it is time to ask again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self.progress.confirmed(said)
                return True
        return False

    def _webhook(self, text: Text) -> bytes:
        conversation, number = text.said
        texts = [text]
        if number > 1 and self.chance.happens(WITH_EARLIER, "with earlier", text.said):
            texts.insert(0, Text(said=Said(conversation, number - 1)))
        return webhook(*(self._item(each) for each in texts), page=PAGE_ID)

    def _item(self, text: Text) -> dict[str, object]:
        conversation, number = text.said
        mid = f"m_{self.chance.seed}_{conversation}_{number}"
        return text_item(mid, str(text), psid=psid(conversation), page=PAGE_ID, time=round(time() * 1000))

    async def _until_taken(self, facebook: httpx.AsyncClient, said: Said, body: bytes) -> None:
        for attempt in count(1):
            if await self._post(facebook, said, body, attempt) == httpx.codes.OK:
                return
            await asyncio.sleep(self.chance.between(*AGAIN_AFTER_S, "again", said, attempt))

    async def _post(self, facebook: httpx.AsyncClient, said: Said, body: bytes, attempt: object) -> int:
        gateway = self.chance.pick(dict.fromkeys(self.gateways, 1.0), "gateway", said, attempt)
        post = next(self._posts)
        conversation, number = said
        self.journal.add(Posted(at=now(), post=post, gateway=gateway, conversation=conversation, number=number))
        try:
            answer = await facebook.post(self.gateways[gateway], content=body, headers=signed(body, APP_SECRET))
            status = answer.status_code
        except httpx.TransportError:
            status = Answered.NO_ANSWER
        self.journal.add(Answered(at=now(), post=post, status=status))
        return status
