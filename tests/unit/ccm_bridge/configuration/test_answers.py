from __future__ import annotations

import grpc
import pytest

from ccm_bridge.configuration import answers
from connector_client import ConnectorError


@pytest.mark.parametrize("reason", sorted(answers.OURS))
def test_when_the_bridge_may_not_it_says_what_to_set(reason: str) -> None:
    refused = answers.refused(ConnectorError(grpc.StatusCode.PERMISSION_DENIED, "no", reason=reason))

    assert (refused.status, refused.detail) == (503, answers.MAY_NOT)


def test_any_other_refusal_says_why() -> None:
    error = ConnectorError(grpc.StatusCode.INVALID_ARGUMENT, "channel.app_id must be digits.", reason="INVALID_FIELD")

    refused = answers.refused(error)

    assert (refused.status, refused.reason, refused.detail) == (400, "INVALID_FIELD", "channel.app_id must be digits.")
