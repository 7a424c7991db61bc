from __future__ import annotations

import socket
from pathlib import Path

import pytest

from connector_cli.failures import Failure
from connector_cli.playground import facebook, introduction, operator_token, pointed_at
from connector_cli.sandbox import PAGE_ID
from facebook_connector.media.addresses import FACEBOOK_HOSTS
from facebook_connector.settings import ServerSettings
from service_runtime.settings import SettingsError

ORIGIN = "http://127.0.0.1:8090"


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_only_the_exact_origin_of_the_sandbox_is_excepted() -> None:
    given = ServerSettings.load(media_origins="http://10.0.0.1:80")

    told = ServerSettings.load(**pointed_at(ORIGIN, given))

    assert (told.graph_url, told.media_origins) == (ORIGIN, ORIGIN)
    assert told.media_hosts == ",".join(FACEBOOK_HOSTS)


def test_the_data_of_a_real_installation_are_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_DATABASE_URL", "postgresql://fbc@db/fbc")
    monkeypatch.setenv("FBC_SECRET_KEYS", f"a:{'A' * 43}=")
    monkeypatch.setenv("FBC_MEDIA_URL", "s3://bucket")
    monkeypatch.setenv("FBC_MEDIA_STORE", "file-engine")
    monkeypatch.setenv("FILE_ENGINE_URL", "http://ef-cx-file-engine-svc:8080")
    monkeypatch.setenv("FBC_DATA_DIR", "real")

    told = ServerSettings.load(**pointed_at(ORIGIN, ServerSettings.load()))

    assert told.database == "sqlite:///real/sandbox/connector.db"
    assert (told.media_url, told.media_folder) == ("", Path("real/sandbox/media"))
    assert (told.file_engine_url, told.keeps_in_file_engine) == ("", False)


def test_the_page_is_added_with_the_token_of_an_operator() -> None:
    assert operator_token(ServerSettings.load()) == ""
    assert operator_token(ServerSettings.load(operator_tokens="one:t1,t2", ccm_tokens="t3")) == "t1"


def test_without_the_token_of_an_operator_nobody_may_add_it() -> None:
    with pytest.raises(SettingsError, match=r"^FBC_OPERATOR_TOKENS: "):
        operator_token(ServerSettings.load(ccm_tokens="t3"))


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(Failure, match=f"--sandbox-listen {address}: "):
            async with facebook(address):
                pass


async def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(Failure, match=r"^--sandbox-listen: "):
        async with facebook("nonsense"):
            pass


async def test_the_introduction_says_how_to_write_watch_and_answer() -> None:
    async with facebook("127.0.0.1:0") as running:
        told = introduction(running, "FBC_SERVER=127.0.0.1:7 ")

        psid = running.world.people[0].psid
        assert f"{running.base_url}/_sandbox/people/{psid}/says" in told
        assert "FBC_SERVER=127.0.0.1:7 facebook-connector tail" in told
        assert f"FBC_SERVER=127.0.0.1:7 facebook-connector send {PAGE_ID} {psid}" in told
