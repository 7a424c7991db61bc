from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from expertflow.connector.v1.error_reason_pb2 import ErrorReason
from facebook_connector import errors
from facebook_connector.errors import STATUS_OF_REASON

REPOSITORY = Path(__file__).parents[3]
PROTO = REPOSITORY / "proto/expertflow/connector/v1/error_reason.proto"
PREFIX = "ERROR_REASON_"


def documented_statuses() -> dict[str, str]:
    """The pairs as the comments of the contract state them."""
    pairs = re.findall(r"// Status `(\w+)`\.(?:(?!Status `).)*?\n  ERROR_REASON_(\w+) = ", PROTO.read_text(), re.DOTALL)
    return {reason: status for status, reason in pairs}


def raised_reasons() -> Iterator[tuple[str, str]]:
    """Every reason that stands as a literal in a `ConnectorError(…)` of the server."""
    for path in Path(errors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ConnectorError" and node.args:
                match node.args[0]:
                    case ast.Constant(value=str(reason)):
                        yield f"{path.name}:{node.lineno}", reason


def test_the_table_is_what_the_contract_documents() -> None:
    assert documented_statuses() == STATUS_OF_REASON


def test_every_reason_of_the_contract_has_a_status() -> None:
    reasons = {name.removeprefix(PREFIX) for name in ErrorReason.keys()} - {"UNSPECIFIED"}  # noqa: SIM118

    assert STATUS_OF_REASON.keys() == reasons


@pytest.mark.parametrize("status", sorted(set(STATUS_OF_REASON.values())))
def test_every_status_is_one_of_grpc(status: str) -> None:
    assert status in grpc.StatusCode.__members__


def test_the_server_raises_only_documented_reasons() -> None:
    found = list(raised_reasons())

    assert found
    assert [(place, reason) for place, reason in found if reason not in STATUS_OF_REASON] == []
