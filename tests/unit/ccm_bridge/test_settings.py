from __future__ import annotations

from pathlib import Path

import pytest

from ccm_bridge.settings import BridgeSettings
from service_runtime.settings import SettingsError


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CCM_URL", raising=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://ccm:8081",
        "http://ccm:8081/",
        "http://ccm:8081/message/receive",
        "http://ccm:8081/message/receive/",
    ],
)
def test_ccms_address_is_taken_with_and_without_its_path(url: str) -> None:
    assert BridgeSettings.load(ccm_url=url).ccm_url == "http://ccm:8081"


def test_a_path_before_it_stays() -> None:
    assert BridgeSettings.load(ccm_url="https://cx.example/ccm/message/receive").ccm_url == "https://cx.example/ccm"


def test_the_variable_that_installations_have_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCM_URL", "http://ef-cx-ccm-svc:8081/message/receive")

    assert BridgeSettings.load().ccm_url == "http://ef-cx-ccm-svc:8081"


def test_nothing_is_needed_and_then_there_is_no_bridge() -> None:
    settings = BridgeSettings.load()

    assert settings.ccm_url == ""
    assert settings.kinds == ("EVENT_KIND_MESSAGE", "EVENT_KIND_REACTION", "EVENT_KIND_RECEIPT")
    assert settings.rejecting == frozenset()


@pytest.mark.parametrize(
    ("text", "pages"), [("", ()), ("104792690000001", ("104792690000001",)), (" 1, 2,", ("1", "2")), (",", ())]
)
def test_pages_to_ask_for_are_a_list(text: str, pages: tuple[str, ...]) -> None:
    assert BridgeSettings.load(bridge_pages=text).pages == pages


@pytest.mark.parametrize("text", ["one", "1;2", "1 2", "1" * 33])
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^FBC_BRIDGE_PAGES: must be ids of Facebook Pages"):
        BridgeSettings.load(bridge_pages=text)


def test_operators_calls_are_made_with_the_other_token_unless_they_have_their_own() -> None:
    assert BridgeSettings.load(bridge_server_token="a").operator_token.get_secret_value() == "a"
    both = BridgeSettings.load(bridge_server_token="a", bridge_operator_token="b")
    assert both.operator_token.get_secret_value() == "b"


def test_a_listener_beyond_loopback_is_a_decision() -> None:
    with pytest.raises(SettingsError, match=r"^FBC_BRIDGE_OPEN: .*FBC_BRIDGE_TOKEN"):
        BridgeSettings.load(bridge_listen="0.0.0.0:8080")
    assert BridgeSettings.load(bridge_listen="0.0.0.0:8080", bridge_open=True).address.port == 8080
    assert BridgeSettings.load(bridge_listen="0.0.0.0:8080", bridge_token="secret").address.port == 8080


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ccm_url", "ccm:8081"),
        ("ccm_url", "http://ccm/?a=b"),
        ("ccm_url", "http://user:secret@ccm:8081"),
        ("ccm_timeout", 0),
        ("ccm_rejecting", "200"),
        ("ccm_rejecting", "500;502"),
        ("ccm_tenant", "two words"),
        ("bridge_listen", "8081"),
        ("bridge_prefix", "comments"),
        ("bridge_prefix", "/a b"),
        ("bridge_subscription", "CCM"),
        ("bridge_kinds", "message,echo"),
        ("bridge_kinds", ""),
        ("bridge_parallel", 0),
        ("bridge_token", "two words"),
        ("server", "other.example:1"),
    ],
)
def test_a_wrong_setting_ends_the_start_and_is_named(setting: str, value: object) -> None:
    with pytest.raises(SettingsError, match=rf"^FBC_{setting.upper()}"):
        BridgeSettings.load(**{setting: value})


def test_tokens_do_not_show() -> None:
    settings = BridgeSettings.load(bridge_token="canary-1", bridge_server_token="canary-2")

    assert "canary" not in repr(settings)


def test_a_list_of_statuses_and_a_prefix_are_read() -> None:
    settings = BridgeSettings.load(ccm_rejecting="500, 501", bridge_prefix="/facebook-connector/")

    assert settings.rejecting == {500, 501}
    assert settings.bridge_prefix == "/facebook-connector"
