"""With Expertflow's File Engine: a customer's picture on its way to the agent, an agent's file to the customer.

Gateway, server, Facebook's stand-in and the File Engine's on real ports; both engines of the store.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import grpc
import httpx
import pytest

from connector_client import ConnectorClient, Received
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_SENT
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.world import Page, Person
from tests.support.file_engine import FileEngineStandIn, running_file_engine
from tests.support.media_host import PDF
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, PSID, VERIFY_TOKEN

TOKEN = "canary-file-engine-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """All parts of it, and a browser."""

    facebook: RunningSandbox
    engine: FileEngineStandIn
    server: str
    gateway: str
    browser: httpx.AsyncClient

    async def received(self, count: int = 1) -> list[Received]:
        found: list[Received] = []
        async with ConnectorClient(self.server) as ccm:
            async for received in ccm.inbound("ccm"):
                found.append(received)
                await received.ack()
                if len(found) == count:
                    return found
        raise AssertionError("the stream ended")

    async def seen(self, message: CimMessage) -> list[tuple[str, str]]:
        """Answers a customer who has just written; the hashes of the media that they got, and their names."""
        self.facebook.person(PSID).sends(text="Hello?")
        async with ConnectorClient(self.server) as ccm:
            answer = await ccm.send(message, wait=20)
        assert answer.state == SEND_STATE_SENT, answer
        taken = self.facebook.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
        return [(medium["sha256"], medium["name"]) for medium in taken[-1].details["media"]]


@pytest.fixture
async def place(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Installation]:
    monkeypatch.chdir(tmp_path)
    async with AsyncExitStack() as stack:
        config = SandboxConfig(
            app_id=APP_ID,
            app_secret=APP_SECRET,
            verify_token=VERIFY_TOKEN,
            pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
            people=(Person(psid=PSID, page_id=PAGE_ID),),
        )
        facebook = await stack.enter_async_context(Sandbox(config).serve())
        engine = await stack.enter_async_context(running_file_engine())
        engine.token = TOKEN
        monkeypatch.setenv("FILE_ENGINE_URL", f"{engine.url}/")
        settings = ServerSettings.load(
            data_dir=tmp_path / "data",
            listen="127.0.0.1:0",
            database_url=database_url,
            secret_keys="k1:" + "A" * 43 + "=",
            graph_url=facebook.base_url,
            media_origins=facebook.base_url,
            file_engine_public_url=engine.public_url,
            file_engine_token=TOKEN,
        )
        server = await stack.enter_async_context(running_server(settings))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(str(server.address)))
        secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN)
        page = Channel(page_id=PAGE_ID, app_id=APP_ID)
        await ChannelServiceStub(channel).CreateChannel(CreateChannelRequest(channel=page, secrets=secrets))
        edge = GatewaySettings.load(gateway_listen="127.0.0.1:0", server=str(server.address))
        gateway = await stack.enter_async_context(running_gateway(edge))
        await facebook.handshake(f"{gateway.url}/webhook")
        browser = await stack.enter_async_context(
            httpx.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=20)
        )
        yield Installation(
            facebook=facebook, engine=engine, server=str(server.address), gateway=gateway.url, browser=browser
        )


def an_answer(cim_id: str, kind: str, url: str) -> CimMessage:
    message = CimMessage(id=cim_id)
    message.header.sender.type = "AGENT"
    message.header.channel_data.service_identifier = PAGE_ID
    message.header.channel_data.channel_customer_identifier = PSID
    message.body.type = kind.upper()
    getattr(message.body, kind).attachment.media_url = url
    return message


async def test_a_picture_lies_in_the_file_engine_and_ours_leads_there_too(place: Installation) -> None:
    picture = place.facebook.media.put("jpeg")
    place.facebook.person(PSID).sends_image(picture)
    (received,) = await place.received()

    attachment = received.message.body.image.attachment
    shown = await place.browser.get(attachment.media_url)
    ours = await place.browser.get(f"{place.gateway}/media/{received.context.media.media_id}")
    assert attachment.media_url.startswith(f"{place.engine.public_url}/api/downloadFileStream?filename=")
    assert (attachment.mime_type, attachment.thumbnail) == ("image/jpeg", "")
    assert attachment.size == len(shown.content)
    assert (shown.status_code, ours.status_code) == (200, 200)
    assert shown.content == ours.content == place.engine.files[attachment.media_name].data


async def test_a_file_that_is_too_large_for_it_is_told_with_name_and_size(place: Installation) -> None:
    plan = place.facebook.media.put("pdf", name="Plan Küche.pdf", size_bytes=20_000_000)
    place.facebook.person(PSID).sends_file(plan)
    (received,) = await place.received()

    told = "The customer sent a file: Plan Küche.pdf (20 MB; at most 5 MB can be kept)."
    assert (received.message.body.type, received.message.body.markdown_text) == ("PLAIN", told)
    assert received.context.media.failure_reason == "TOO_LARGE"
    assert place.engine.offers == 0


async def test_a_part_of_it_comes_through_our_link(place: Installation) -> None:
    place.facebook.person(PSID).sends_image()
    (received,) = await place.received()
    whole = place.engine.files[received.message.body.image.attachment.media_name].data
    link = f"{place.gateway}/media/{received.context.media.media_id}"
    part = await place.browser.get(link, headers={"range": "bytes=10-29"})

    assert (part.status_code, part.content) == (206, whole[10:30])


async def test_a_file_of_an_agent_goes_to_the_customer(place: Installation) -> None:
    link = place.engine.has("48216_Rechnung.pdf", PDF, "application/pdf")

    assert await place.seen(an_answer("out-1", "file", link)) == [(sha256(PDF).hexdigest(), "Rechnung.pdf")]


async def test_also_under_the_address_inside_the_cluster(place: Installation) -> None:
    place.engine.has("48216_Rechnung.pdf", PDF, "application/pdf")
    link = f"{place.engine.url}/api/downloadFileStream?filename=48216_Rechnung.pdf"

    assert await place.seen(an_answer("out-1", "file", link)) == [(sha256(PDF).hexdigest(), "Rechnung.pdf")]


async def test_what_the_customer_sent_can_be_sent_on_by_both_its_links(place: Installation) -> None:
    place.facebook.person(PSID).sends_file()
    (received,) = await place.received()
    attachment = received.message.body.file.attachment
    digest = sha256(place.engine.files[attachment.media_name].data).hexdigest()
    ours = f"http://127.0.0.1:8080/media/{received.context.media.media_id}"

    assert [found for found, _ in await place.seen(an_answer("out-1", "file", attachment.media_url))] == [digest]
    assert [found for found, _ in await place.seen(an_answer("out-2", "file", ours))] == [digest]
