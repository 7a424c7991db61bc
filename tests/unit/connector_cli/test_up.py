from __future__ import annotations

from pathlib import Path

import pytest

from ccm_bridge.settings import BridgeSettings
from connector_cli.edge import Edge
from connector_cli.up import announcement, beside, bridge_beside, in_front
from facebook_connector.settings import ServerSettings
from facebook_gateway.settings import GatewaySettings
from service_runtime.listen import Address
from service_runtime.settings import SettingsError
from tests.support.certificates import self_signed

HERE = Address(host="127.0.0.1", port=50051)


def _edge(gateway_url: str = "", bridge_url: str = "") -> Edge:
    async def failure() -> None:
        raise AssertionError("nothing runs")

    return Edge(gateway_url=gateway_url, bridge_url=bridge_url, failure=failure)


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_gateway_calls_the_server_beside_it() -> None:
    address = Address(host="127.0.0.1", port=40404)

    told = beside(ServerSettings.load(), GatewaySettings.load(server="127.0.0.1:1"), address)

    assert told == {"server": "127.0.0.1:40404"}


def test_the_server_knows_the_links_of_the_gateway_before_it() -> None:
    assert in_front(ServerSettings.load(), GatewaySettings.load(gateway_listen="127.0.0.1:8081")) == {
        "public_base_url": "http://127.0.0.1:8081"
    }


def test_what_a_setting_says_of_the_links_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_PUBLIC_BASE_URL", "https://chat.example.com")
    assert in_front(ServerSettings.load(), GatewaySettings.load()) == {}


def test_where_the_system_chooses_the_port_nothing_is_known_of_the_links() -> None:
    assert in_front(ServerSettings.load(), GatewaySettings.load(gateway_listen="127.0.0.1:0")) == {}


def test_a_server_that_listens_everywhere_is_called_on_this_machine() -> None:
    told = beside(ServerSettings.load(), GatewaySettings.load(), Address(host="::", port=7))

    assert told == {"server": "[::1]:7"}


def test_the_gateway_takes_the_first_of_its_tokens() -> None:
    told = beside(ServerSettings.load(gateway_tokens="one:t1,t2"), GatewaySettings.load(), HERE)

    assert told["server_token"] == "t1"


def test_a_token_that_was_given_stays() -> None:
    told = beside(ServerSettings.load(gateway_tokens="t1,t2"), GatewaySettings.load(server_token="t2"), HERE)

    assert "server_token" not in told


def test_by_tls_it_must_be_told_how_to_judge_the_certificate(tmp_path: Path) -> None:
    files = self_signed(tmp_path)
    server = ServerSettings.load(tls_certificate=files.certificate, tls_key=files.key)

    with pytest.raises(SettingsError, match=r"^FBC_SERVER_CA: "):
        beside(server, GatewaySettings.load(), HERE)


def test_by_tls_the_name_in_the_certificate_may_be_another_one(tmp_path: Path) -> None:
    files = self_signed(tmp_path)
    server = ServerSettings.load(tls_certificate=files.certificate, tls_key=files.key)
    gateway = GatewaySettings.load(server="localhost:50051", server_ca=files.certificate)

    assert beside(server, gateway, HERE) == {}


def test_the_announcement_names_addresses_data_and_the_next_step(tmp_path: Path) -> None:
    told = announcement(ServerSettings.load(), HERE, _edge("http://127.0.0.1:8080"))

    assert "http://127.0.0.1:8080/webhook" in told
    assert "127.0.0.1:50051" in told
    assert str(tmp_path / "facebook-connector-data") in told
    assert ": facebook-connector channels add PAGE_ID --app-id APP_ID" in told


def test_on_another_port_the_next_step_says_where() -> None:
    told = announcement(ServerSettings.load(), Address(host="0.0.0.0", port=7), _edge())

    assert "FBC_SERVER=127.0.0.1:7 facebook-connector channels add" in told


def test_a_database_url_is_not_shown() -> None:
    server = ServerSettings.load(database_url="postgresql://fbc:canary@db/fbc", secret_keys=f"a:{'A' * 43}=")

    told = announcement(server, HERE, _edge())

    assert "PostgreSQL" in told
    assert "canary" not in told


def test_the_bridge_is_announced_where_there_is_one() -> None:
    assert "bridge " not in announcement(ServerSettings.load(), HERE, _edge())
    assert "bridge    http://127.0.0.1:8081 " in announcement(
        ServerSettings.load(), HERE, _edge(bridge_url="http://127.0.0.1:8081")
    )


def test_the_bridge_calls_the_server_as_the_gateway_does_with_tokens_of_its_roles() -> None:
    server = ServerSettings.load(ccm_tokens="c1,c2", operator_tokens="o1", gateway_tokens="g1")
    gateway = GatewaySettings.load(server="127.0.0.1:40404")

    told = bridge_beside(server, BridgeSettings.load(), gateway)
    kept = bridge_beside(server, BridgeSettings.load(bridge_server_token="c2", bridge_operator_token="o9"), gateway)

    assert told["server"] == "127.0.0.1:40404"
    assert (told["bridge_server_token"], told["bridge_operator_token"]) == ("c1", "o1")
    assert "bridge_server_token" not in kept
    assert "bridge_operator_token" not in kept
