from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccm_bridge.from_ccm import MAYBE_NOT_FOR_CUSTOMERS, check_address, is_for_customer
from cim_messenger.cim_json import CimJsonError, decode
from cim_messenger.outbound.render import RENDERERS, render
from cim_messenger.outbound.values import Rendered, Rules
from expertflow.cim.v1.message_pb2 import CimMessage
from tests.support.ccm_stand_in import agent_message, as_jackson_writes

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "outbound").glob("*/*.cim.json"))


def _renders_to_nothing(message: CimMessage) -> bool:
    result = render(message, Rules())
    return isinstance(result, Rendered) and not result.parts and result.action is None


@pytest.mark.parametrize("branch", sorted(RENDERERS))
def test_the_branches_are_those_of_which_the_renderer_makes_nothing(branch: str) -> None:
    message = CimMessage()
    getattr(message.body, branch).SetInParent()

    assert _renders_to_nothing(message) is (branch in MAYBE_NOT_FOR_CUSTOMERS)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_that_would_be_shown_is_held_back(fixture: Path) -> None:
    message = decode(fixture.read_bytes())

    assert is_for_customer(message) is not _renders_to_nothing(message)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "NOTIFICATION", "notificationType": "CONSULT_TRANSFER"},
        {"type": "DELIVERYNOTIFICATION", "status": "PENDING"},
        {"type": "VOICE_RECORDING", "recordingUrl": "x"},
    ],
)
def test_what_this_release_cannot_read_of_internal_messages_stays_internal(body: dict[str, Any]) -> None:
    message = decode(json.dumps({"id": "1", "body": body}))

    assert message.body.WhichOneof("content") == "generic"
    assert not is_for_customer(message)


def test_an_unknown_type_is_for_the_customer_and_so_for_the_server_to_judge() -> None:
    assert is_for_customer(decode('{"id":"1","body":{"type":"HOLOGRAM"}}'))


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda message: message.pop("id"), "$.id"),
        (lambda message: message.update(id=" "), "$.id"),
        (lambda message: message.update(body=None), "$.body"),
        (lambda message: message.pop("header"), "$.header.channelData.serviceIdentifier"),
        (
            lambda message: message["header"]["channelData"].update(serviceIdentifier=""),
            "$.header.channelData.serviceIdentifier",
        ),
        (
            lambda message: message["header"]["channelData"].update(channelCustomerIdentifier=None),
            "$.header.channelData.channelCustomerIdentifier",
        ),
    ],
)
def test_what_is_missing_is_named_by_its_path(spoil: Any, path: str) -> None:
    message = agent_message("1", "2", {"type": "PLAIN", "markdownText": "x"})
    spoil(message)
    with pytest.raises(CimJsonError) as raised:
        check_address(decode(json.dumps(message)))

    assert raised.value.path == path


def test_ccms_json_is_read_with_its_doubled_type_iso_time_and_flag() -> None:
    message = agent_message("1", "2", {"type": "PLAIN", "markdownText": "SGVsbG8="}, additionalData={"isEncoded": True})
    text = as_jackson_writes(message)
    read = decode(text)

    assert text.count(b'"type":"PLAIN"') + text.count(b'"type": "PLAIN"') == 2
    assert read.header.timestamp.ToMilliseconds() == 1767225642000
    rendered = render(read, Rules())
    assert isinstance(rendered, Rendered)
    (part,) = rendered.parts
    assert part.message["text"] == "Hello"
    check_address(read)
