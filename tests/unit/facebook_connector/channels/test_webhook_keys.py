from __future__ import annotations

from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.channels.webhook_keys import webhook_keys


def channel(
    page_id: str, app_id: str = "", *secrets: str, verify_token: str = "", allow_unsigned: bool = False
) -> PageAccess:
    return PageAccess(
        page_id=page_id,
        app_id=app_id,
        graph_version="",
        wanted_fields=(),
        allow_unsigned=allow_unsigned,
        secrets=Secrets(page_access_token="never told", app_secrets=secrets, verify_token=verify_token),
    )


def test_channels_are_gathered_by_app() -> None:
    answer = webhook_keys(
        [channel("1002", "5001", "new", "old"), channel("1001", "5001", "new"), channel("1003", "5000", "other")], "7"
    )

    assert [app.app_id for app in answer.apps] == ["5000", "5001"]
    assert list(answer.apps[1].app_secrets) == ["new", "old"]
    assert list(answer.apps[1].page_ids) == ["1001", "1002"]
    assert answer.keys_version == "7"


def test_channels_without_an_app_stand_together() -> None:
    answer = webhook_keys([channel("1001", "", "one"), channel("1002", "", "two")], "1")

    assert [(app.app_id, list(app.app_secrets)) for app in answer.apps] == [("", ["one", "two"])]


def test_verify_tokens_name_their_page() -> None:
    answer = webhook_keys([channel("1001", verify_token="v1"), channel("1002")], "1")

    assert [(token.page_id, token.verify_token) for token in answer.apps[0].verify_tokens] == [("1001", "v1")]


def test_unsigned_bodies_are_for_pages_that_allow_them_and_have_no_secret() -> None:
    answer = webhook_keys(
        [
            channel("1001", allow_unsigned=True),
            channel("1002", "5001", "secret", allow_unsigned=True),
            channel("1003"),
        ],
        "1",
    )

    assert list(answer.unsigned_page_ids) == ["1001"]


def test_page_tokens_are_not_in_the_answer() -> None:
    assert "never told" not in str(webhook_keys([channel("1001", "5001", "secret")], "1"))


def test_without_channels_there_is_nothing_but_the_version() -> None:
    answer = webhook_keys([], "0")

    assert (len(answer.apps), answer.keys_version) == (0, "0")
