from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256

import pytest

from cim_messenger.outbound import MediaKind
from facebook_connector.graph.client import FilePart, GraphClient
from facebook_connector.graph.upload import UploadApi
from facebook_connector.sending.graph_answers import Answered, Unanswered
from facebook_connector.sending.uploading import UploadAnswer
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.fault_script import Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from messenger_sandbox.world import Page
from tests.integration.facebook_connector.graph.test_send import CHANNEL
from tests.support.sandbox_world import APP_ID, APP_SECRET, OTHER_PAGE_ID, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN

PNG = MEDIA_ROWS["png"].build(b"upload")


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    config = SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        require_proof=True,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
    )
    async with Sandbox(config).serve() as sandbox:
        yield sandbox


@pytest.fixture
async def api(facebook: RunningSandbox) -> AsyncIterator[UploadApi]:
    async with GraphClient(facebook.base_url) as graph:
        yield UploadApi(graph)


def a_file(data: bytes = PNG, name: str = "p.png", mime_type: str = "image/png") -> FilePart:
    return FilePart(name=name, mime_type=mime_type, file=io.BytesIO(data))


async def test_a_file_arrives_whole_and_has_an_id(facebook: RunningSandbox, api: UploadApi) -> None:
    upload = await api.upload(CHANNEL, MediaKind.IMAGE, a_file())
    assert upload.attachment_id.isdigit()
    (entry,) = facebook.journal.entries(Filter(kind=EntryKind.MEDIA_UPLOADED))
    told = entry.details
    assert (told["type"], told["name"], told["mime_type"]) == ("image", "p.png", "image/png")
    assert (told["sha256"], told["attachment_id"]) == (sha256(PNG).hexdigest(), upload.attachment_id)


async def test_a_refusal_holds_facebooks_codes_and_no_id(api: UploadApi) -> None:
    upload = await api.upload(CHANNEL, MediaKind.AUDIO, a_file())
    assert isinstance(upload.answer, Answered)
    assert upload.answer.error is not None
    assert (upload.answer.error.subcode, upload.attachment_id) == (2018047, "")


async def test_a_token_of_another_page_is_refused(api: UploadApi) -> None:
    upload = await api.upload(replace(CHANNEL, page_id=OTHER_PAGE_ID), MediaKind.IMAGE, a_file())
    assert isinstance(upload.answer, Answered)
    assert (upload.answer.error is not None, upload.attachment_id) == (True, "")


@pytest.mark.parametrize("fault", ["empty_success", "server_error_after_taken", "reset"])
async def test_an_answer_without_an_id_is_none(facebook: RunningSandbox, api: UploadApi, fault: str) -> None:
    facebook.script_fault(ScriptedFault(name=fault, fault=FAULTS[fault], endpoint=Endpoint.UPLOADS))
    upload = await api.upload(CHANNEL, MediaKind.IMAGE, a_file())
    assert upload.attachment_id == ""


async def test_nobody_there_is_an_answer_too() -> None:
    async with GraphClient("http://127.0.0.1:9") as graph:
        upload = await UploadApi(graph).upload(CHANNEL, MediaKind.IMAGE, a_file())
    assert upload == UploadAnswer(answer=Unanswered(bytes_left=False, cause="CONNECT_ERROR"))
