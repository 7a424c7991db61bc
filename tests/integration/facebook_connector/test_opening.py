from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from facebook_connector.media.fetch import FetchError
from facebook_connector.media.file_engine.engine import FileEngine
from facebook_connector.opening import opened_file_engine
from facebook_connector.settings import ServerSettings
from tests.support.certificates import self_signed
from tests.support.media_host import PDF, running_media_host


@pytest.fixture(autouse=True)
def _empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def read(engine: FileEngine | None) -> bytes:
    assert engine is not None
    async with engine.open("1_a.pdf") as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_without_an_address_there_is_no_file_engine() -> None:
    async with opened_file_engine(ServerSettings.load()) as engine:
        assert engine is None


async def test_its_certificate_is_judged_by_the_file_that_is_named(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.certificate, made.key)
    async with running_media_host(tls) as host:
        host.gives("/api/downloadFileStream?filename=1_a.pdf", PDF)
        trusting = ServerSettings.load(file_engine_url=host.origin, file_engine_ca=made.certificate)
        async with opened_file_engine(trusting) as engine:
            assert await read(engine) == PDF
        async with opened_file_engine(ServerSettings.load(file_engine_url=host.origin)) as engine:
            with pytest.raises(FetchError, match="TLS"):
                await read(engine)
