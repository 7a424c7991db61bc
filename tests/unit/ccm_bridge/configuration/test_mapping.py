from __future__ import annotations

from typing import Any

import pytest

from ccm_bridge.configuration.attributes import Attribute
from ccm_bridge.configuration.mapping import TABLE, wishes
from ccm_bridge.configuration.readings import Fate
from cim_messenger.cim_json import Number

PAGE_TOKEN = "EAAcanaryPageToken"
OF_INSTALLATIONS = {
    "FACEBOOK-HOST-URL",
    "FACEBOOK-API-KEY",
    "FACEBOOK-PAGE-ACCESS-TOKEN",
    "EDIT_MESSAGE_SUPPORT_SM",
    "LIKE_SUPPORT_SM",
    "HIDE_SUPPORT_SM",
    "DELETE_SUPPORT_SM",
    "ALLOW_VIEW_FULL_POST_SM",
    "PRIVATE_REPLY_SUPPORT_SM",
    "COMMENT_REPLY_SUPPORT_SM",
}
"""All that the documents of Expertflow CX name for Facebook."""
OURS = {"FACEBOOK-APP-SECRET", "FACEBOOK-APP-ID", "FACEBOOK-HUMAN-AGENT"}


def read(key: str, value: Any) -> tuple[str, str, Any]:
    """Fate, detail and what is to be changed."""
    found = wishes([Attribute(key=key, value=value)])
    (verdict,) = found.verdicts
    assert verdict.key == key
    return verdict.reading.fate.value, verdict.reading.detail, dict(found.values)


def test_the_table_knows_every_attribute_and_no_other() -> None:
    assert set(TABLE) == OF_INSTALLATIONS | OURS


def test_each_attribute_changes_something_of_its_own_or_nothing() -> None:
    paths = [row.path for row in TABLE.values() if row.path]

    assert len(paths) == len(set(paths)) == 5


@pytest.mark.parametrize(
    ("key", "value", "changed"),
    [
        ("FACEBOOK-API-KEY", PAGE_TOKEN, {"secrets.page_access_token": PAGE_TOKEN}),
        ("FACEBOOK-API-KEY", f" {PAGE_TOKEN}\n", {"secrets.page_access_token": PAGE_TOKEN}),
        ("facebook-api-key", PAGE_TOKEN, {"secrets.page_access_token": PAGE_TOKEN}),
        ("FACEBOOK-PAGE-ACCESS-TOKEN", "any words *", {"secrets.verify_token": "any words *"}),
        ("FACEBOOK-PAGE-ACCESS-TOKEN", Number("12345"), {"secrets.verify_token": "12345"}),
        ("FACEBOOK-APP-SECRET", "new", {"secrets.app_secrets": ("new",)}),
        ("FACEBOOK-APP-SECRET", "new, old,", {"secrets.app_secrets": ("new", "old")}),
        ("FACEBOOK-APP-ID", "555000111222333", {"app_id": "555000111222333"}),
        ("FACEBOOK-APP-ID", Number("24680135791113151"), {"app_id": "24680135791113151"}),
        ("FACEBOOK-HUMAN-AGENT", True, {"human_agent_enabled": True}),
        ("FACEBOOK-HUMAN-AGENT", "True", {"human_agent_enabled": True}),
        ("FACEBOOK-HUMAN-AGENT", " false ", {"human_agent_enabled": False}),
    ],
)
def test_applied(key: str, value: Any, changed: dict[str, Any]) -> None:
    assert read(key, value) == ("applied", "", changed)


@pytest.mark.parametrize("key", ["FACEBOOK-API-KEY", "FACEBOOK-PAGE-ACCESS-TOKEN", "FACEBOOK-APP-SECRET"])
@pytest.mark.parametrize("value", ["*", "********", " **** "])
def test_a_masked_secret_is_never_taken(key: str, value: str) -> None:
    found = wishes([Attribute(key=key, value=value)])

    assert not found.values
    assert found.masked == {TABLE[key].path}
    assert found.verdicts[0].reading.fate is Fate.KEPT
    assert "asterisks" in found.verdicts[0].reading.detail


@pytest.mark.parametrize("value", ["EAAB****", "new,****"])
@pytest.mark.parametrize("key", ["FACEBOOK-API-KEY", "FACEBOOK-APP-SECRET"])
def test_nor_is_one_that_is_masked_in_part(key: str, value: str) -> None:
    assert read(key, value)[::2] == ("kept", {})


@pytest.mark.parametrize("key", [key for key, row in TABLE.items() if row.path])
@pytest.mark.parametrize("value", [None, "", " \n"])
def test_an_empty_value_removes_nothing(key: str, value: Any) -> None:
    assert read(key, value) == ("kept", "has no value: what is stored stays", {})


@pytest.mark.parametrize(
    ("key", "value", "detail"),
    [
        ("FACEBOOK-API-KEY", "EAA canary", "holds a space"),
        ("FACEBOOK-API-KEY", "EAAcänary", "holds a space"),
        ("FACEBOOK-API-KEY", "c" * 2001, "has 2001 characters, at most 2000"),
        ("FACEBOOK-API-KEY", {"canary": 1}, "is no text"),
        ("FACEBOOK-API-KEY", True, "is no text"),
        ("FACEBOOK-PAGE-ACCESS-TOKEN", "c" * 2001, "has 2001 characters"),
        ("FACEBOOK-PAGE-ACCESS-TOKEN", "canary\ud83d", "holds half a character"),
        ("FACEBOOK-APP-SECRET", "c" * 257, "has 257 characters, at most 256"),
        ("FACEBOOK-APP-SECRET", "a,b,c,d,e,canary", "more than 5"),
        ("FACEBOOK-APP-SECRET", ",", "holds no secret"),
        ("FACEBOOK-APP-ID", "canary", "is not the id of an app"),
        ("FACEBOOK-HUMAN-AGENT", "canary", "is neither true nor false"),
        ("FACEBOOK-HUMAN-AGENT", Number("1"), "is neither true nor false"),
        ("FACEBOOK-CANARY", "canary", "is not known"),
    ],
)
def test_ignored_with_the_reason_and_without_the_value(key: str, value: Any, detail: str) -> None:
    fate, told, changed = read(key, value)

    assert (fate, changed) == ("ignored", {})
    assert detail in told
    assert "canary" not in told


@pytest.mark.parametrize("key", sorted(key for key in OF_INSTALLATIONS if "_S" in key))
def test_what_is_about_comments_is_known_and_not_used(key: str) -> None:
    fate, told, changed = read(key, True)

    assert (fate, changed) == ("ignored", {})
    assert "comments" in told


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("https://graph.facebook.com/v15.0/", "version v15.0 in it is not used"),
        ("https://graph.facebook.com/v15.0", "version v15.0 in it is not used"),
        ("https://GRAPH.facebook.com/", "what stands behind the host is not used"),
        ("http://graph.facebook.com/v15.0/", "no other host is called"),
        ("https://graph.facebook.com.canary.example/v15.0/", "no other host is called"),
        ("https://canary@graph.facebook.com/v15.0/", "no other host is called"),
        ("https://graph.facebook.com:8443/", "no other host is called"),
        ("http://169.254.169.254/canary", "no other host is called"),
        ("https://[canary", "no other host is called"),
        ("canary", "no other host is called"),
    ],
)
def test_no_host_is_ever_taken_from_ccm(url: str, detail: str) -> None:
    fate, told, changed = read("FACEBOOK-HOST-URL", url)

    assert (fate, changed) == ("ignored", {})
    assert detail in told
    assert "canary" not in told


def test_of_equal_keys_the_last_counts() -> None:
    found = wishes(
        [
            Attribute(key="FACEBOOK-API-KEY", value="first"),
            Attribute(key="facebook-api-key", value="second"),
        ]
    )

    assert dict(found.values) == {"secrets.page_access_token": "second"}
    assert [verdict.reading.fate.value for verdict in found.verdicts] == ["ignored", "applied"]


def test_a_key_that_may_be_a_value_in_the_wrong_place_is_not_repeated() -> None:
    (verdict,) = wishes([Attribute(key="EAA" + "canary" * 20, value="FACEBOOK-API-KEY")]).verdicts

    assert verdict.key == "(no readable name)"


def test_no_value_shows() -> None:
    found = wishes([Attribute(key="FACEBOOK-API-KEY", value="EAAcanary")])

    assert "canary" not in repr(found)
