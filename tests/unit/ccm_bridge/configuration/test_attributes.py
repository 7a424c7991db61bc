from __future__ import annotations

import json
from typing import Any

import pytest

from ccm_bridge.configuration.attributes import Attribute, Configuration, read_pull, read_push
from cim_messenger.cim_json import CimJsonError, Number

PAGE = "104792690000001"
TOKEN = "EAAcanaryToken"


def attribute(key: str = "FACEBOOK-API-KEY", value: Any = TOKEN) -> dict[str, Any]:
    return {"key": key, "type": "String2000", "value": value}


def push(*attributes: dict[str, Any], page: Any = PAGE) -> dict[str, Any]:
    return {"serviceIdentifier": page, "connectorConfigurations": list(attributes)}


READ = Configuration(page_id=PAGE, attributes=(Attribute(key="FACEBOOK-API-KEY", value=TOKEN),))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(push(attribute())),
        json.dumps(push(attribute(" FACEBOOK-API-KEY "), page=f" {PAGE} ")),
        json.dumps(push(attribute(), page=int(PAGE))),
        json.dumps({**push(attribute()), "id": "65", "channel": {"new": True}}),
        "\ufeff" + json.dumps(push(attribute())),
        f'{{"serviceIdentifier":"1","serviceIdentifier":"{PAGE}","connectorConfigurations":[{json.dumps(attribute())}]}}',
    ],
    ids=["as documented", "blanks", "number", "more members", "byte order mark", "named twice"],
)
def test_a_push_of_one_channel(body: str) -> None:
    assert read_push(body.encode()) == (READ,)


def test_a_push_of_several_channels() -> None:
    body = json.dumps([push(attribute()), push(page="7")])

    assert read_push(body) == (READ, Configuration(page_id="7", attributes=()))


def test_values_of_every_kind_are_read() -> None:
    values: list[Any] = [True, "true", None, 24680135791113151, {"a": [1]}]
    (read,) = read_push(json.dumps(push(*(attribute(value=value) for value in values), {"key": "BARE"})))

    held = [True, "true", None, Number("24680135791113151"), {"a": [Number("1")]}, None]
    assert [one.value for one in read.attributes] == held


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "$ is no JSON"),
        ("{", "$ is no JSON"),
        (b"\xff", "$ is no UTF-8"),
        ("null", "$ is null where an object is wanted"),
        ('"canary"', "$ is a string where an object is wanted"),
        ("[1]", "$[0] is a number where an object is wanted"),
        ("{}", "$.serviceIdentifier is null where a string is wanted"),
        (json.dumps(push(page="canary")), "$.serviceIdentifier is not the id of a Facebook Page, 1 to 32 digits"),
        (json.dumps(push(page="")), "$.serviceIdentifier is not"),
        (json.dumps({"serviceIdentifier": PAGE}), "$.connectorConfigurations is null where a list is wanted"),
        (
            json.dumps([push(), {**push(), "connectorConfigurations": {"canary": 1}}]),
            "$[1].connectorConfigurations is an object where a list is wanted",
        ),
        (json.dumps({**push(), "connectorConfigurations": ["canary"]}), "$.connectorConfigurations[0] is a string"),
        (json.dumps(push(attribute(), {"value": "canary"})), "$.connectorConfigurations[1].key is null"),
        (json.dumps(push({"key": 5, "value": "canary"})), "$.connectorConfigurations[0].key is a number"),
    ],
)
def test_a_fault_is_told_by_its_place_and_without_a_value(body: str | bytes, fault: str) -> None:
    with pytest.raises(CimJsonError) as error:
        read_push(body)

    assert str(error.value).startswith(fault)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("body", [json.dumps([attribute()]), json.dumps(push(attribute(), page="9"))])
def test_a_pull_is_a_list_or_what_a_push_would_be(body: str) -> None:
    assert read_pull(body, PAGE) == READ


@pytest.mark.parametrize("body", ["", " \n", "null", "[]"])
def test_a_pull_may_tell_nothing(body: str) -> None:
    assert read_pull(body, PAGE) == Configuration(page_id=PAGE, attributes=())


def test_a_pull_of_another_shape_is_a_fault() -> None:
    with pytest.raises(CimJsonError, match=r"^\$ is an object where a list is wanted$"):
        read_pull('{"status":404}', PAGE)


def test_no_value_shows() -> None:
    assert "canary" not in repr(READ)
