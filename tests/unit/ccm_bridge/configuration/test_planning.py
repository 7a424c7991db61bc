from __future__ import annotations

from typing import Any

import pytest

from ccm_bridge.configuration import planning
from ccm_bridge.configuration.attributes import Attribute, Configuration
from ccm_bridge.configuration.mapping import TABLE
from ccm_bridge.configuration.planning import ALLOW_UNSIGNED, TENANT, Policy, plan
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, UpdateChannelRequest

PAGE = "104792690000001"
COMPLETE = Channel(page_id=PAGE, page_access_token_set=True, verify_token_set=True, app_secret_count=1)
EVERYTHING = {
    "FACEBOOK-API-KEY": "EAAcanary",
    "FACEBOOK-PAGE-ACCESS-TOKEN": "canary verify",
    "FACEBOOK-APP-SECRET": "canary1,canary2",
    "FACEBOOK-APP-ID": "555",
    "FACEBOOK-HUMAN-AGENT": True,
}
STRICT = Policy()


def told(**attributes: Any) -> Configuration:
    """`api_key="x"` is FACEBOOK-API-KEY."""
    return of({f"FACEBOOK-{name.upper().replace('_', '-')}": value for name, value in attributes.items()})


def of(attributes: dict[str, Any]) -> Configuration:
    return Configuration(
        page_id=PAGE, attributes=tuple(Attribute(key=key, value=value) for key, value in attributes.items())
    )


def test_a_new_channel_gets_everything() -> None:
    planned = plan(of(EVERYTHING), None, STRICT)

    assert planned.call == CreateChannelRequest(
        channel=Channel(page_id=PAGE, app_id="555", human_agent_enabled=True),
        secrets=ChannelSecrets(
            page_access_token="EAAcanary", verify_token="canary verify", app_secrets=["canary1", "canary2"]
        ),
    )
    assert planned.to_do == ()


def test_a_known_channel_gets_what_is_named_and_keeps_the_rest() -> None:
    planned = plan(told(api_key="EAAcanary", human_agent=False), COMPLETE, STRICT)

    expected = UpdateChannelRequest(
        channel=Channel(page_id=PAGE), secrets=ChannelSecrets(page_access_token="EAAcanary")
    )
    expected.update_mask.paths.extend(["human_agent_enabled", "secrets.page_access_token"])
    assert planned.call == expected
    assert planned.to_do == ()


def test_every_path_of_the_table_is_written_and_is_one_that_may_change() -> None:
    planned = plan(of(EVERYTHING), COMPLETE, Policy(tenant_id="acme"))

    assert isinstance(planned.call, UpdateChannelRequest)
    paths = {row.path for row in TABLE.values() if row.path} | {TENANT}
    assert set(planned.call.update_mask.paths) == paths
    named = set(Channel.DESCRIPTOR.fields_by_name) | {
        f"secrets.{name}" for name in ChannelSecrets.DESCRIPTOR.fields_by_name
    }
    assert paths | {ALLOW_UNSIGNED} <= named


def test_nothing_to_change_is_no_call() -> None:
    assert plan(told(api_key="****", host_url="https://graph.facebook.com/v15.0/"), COMPLETE, STRICT).call is None


@pytest.mark.parametrize(
    ("attributes", "to_do"),
    [
        ({}, (planning.NOTHING,)),
        ({"app_id": "5", "human_agent": True}, (planning.NOTHING,)),
        ({"api_key": "****"}, (planning.NOTHING,)),
    ],
)
def test_a_page_without_any_secret_makes_no_channel(attributes: dict[str, Any], to_do: tuple[str, ...]) -> None:
    planned = plan(told(**attributes), None, Policy(allow_unsigned=True, tenant_id="acme"))

    assert (planned.call, planned.to_do) == (None, to_do)


SENDING_MASKED = planning.SENDING_MASKED.format(page_id=PAGE)


@pytest.mark.parametrize(
    ("present", "attributes", "to_do"),
    [
        (None, {"page_access_token": "v", "app_secret": "s"}, (planning.NO_SENDING,)),
        (None, {"page_access_token": "v", "app_secret": "s", "api_key": ""}, (planning.NO_SENDING,)),
        (None, {"page_access_token": "v", "app_secret": "s", "api_key": "***"}, (SENDING_MASKED,)),
        (None, {"api_key": "EAA", "app_secret": "s"}, (planning.NO_HANDSHAKE,)),
        (None, {"api_key": "EAA", "page_access_token": "v"}, (planning.REFUSED,)),
        (Channel(page_id=PAGE), {}, (planning.NO_SENDING, planning.NO_HANDSHAKE, planning.REFUSED)),
        (COMPLETE, {"api_key": "***"}, ()),
    ],
)
def test_what_is_missing_is_told(present: Channel | None, attributes: dict[str, Any], to_do: tuple[str, ...]) -> None:
    assert plan(told(**attributes), present, STRICT).to_do == to_do


LAX = Policy(allow_unsigned=True)


@pytest.mark.parametrize(
    ("present", "attributes", "paths", "to_do"),
    [
        (Channel(page_id=PAGE, verify_token_set=True), {"api_key": "EAA"}, [ALLOW_UNSIGNED], (planning.UNSIGNED,)),
        (
            Channel(page_id=PAGE, verify_token_set=True, allow_unsigned=True),
            {"api_key": "EAA"},
            [],
            (planning.UNSIGNED,),
        ),
        (Channel(page_id=PAGE, verify_token_set=True), {"api_key": "EAA", "app_secret": "s"}, [], ()),
        (COMPLETE, {"api_key": "EAA"}, [], ()),
    ],
)
def test_unsigned_webhooks_are_taken_only_if_allowed_and_only_without_a_secret(
    present: Channel, attributes: dict[str, Any], paths: list[str], to_do: tuple[str, ...]
) -> None:
    planned = plan(told(**attributes), present, LAX)

    assert isinstance(planned.call, UpdateChannelRequest)
    assert [path for path in planned.call.update_mask.paths if path == ALLOW_UNSIGNED] == paths
    assert planned.call.channel.allow_unsigned == bool(paths)
    assert planned.to_do == to_do


def test_an_operators_leave_for_unsigned_webhooks_stays() -> None:
    present = Channel(page_id=PAGE, verify_token_set=True, allow_unsigned=True)

    assert plan(told(api_key="EAA"), present, STRICT).to_do == (planning.UNSIGNED,)


def test_the_tenant_that_ccm_names_becomes_the_channels() -> None:
    policy = Policy(tenant_id="acme")
    new, moved = plan(told(api_key="EAA"), None, policy).call, plan(told(), COMPLETE, policy).call
    present = Channel(page_id=PAGE, tenant_id="acme")

    assert new is not None
    assert isinstance(moved, UpdateChannelRequest)
    assert new.channel.tenant_id == moved.channel.tenant_id == "acme"
    assert list(moved.update_mask.paths) == [TENANT]
    assert plan(told(), present, policy).call is None


def test_no_secret_shows_but_in_the_call() -> None:
    planned = plan(of(EVERYTHING), None, STRICT)

    assert "canary" not in repr((planned.verdicts, planned.to_do))
