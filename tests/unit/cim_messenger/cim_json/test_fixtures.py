"""Messages as files.

`bodies`: one of each body type as the Java model writes it, which we must write alike, null for null.
`wire`: what deployments really send; `written`: what must become of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cim_messenger.cim_json import decode, encode, validate
from cim_messenger.cim_json.bodies import BODY_TYPES, BodyType
from expertflow.cim.v1.message_pb2 import MessageBody
from tests.support.json_tokens import tree_of

FIXTURES = Path(__file__).parents[3] / "fixtures" / "cim"
BRANCHES = [field.name for field in MessageBody.DESCRIPTOR.oneofs_by_name["content"].fields]


def read(folder: str, name: str) -> str:
    return (FIXTURES / folder / f"{name}.json").read_text()


def names(folder: str) -> list[str]:
    return sorted(path.stem for path in (FIXTURES / folder).glob("*.json"))


def test_every_branch_has_a_fixture_and_every_fixture_a_branch() -> None:
    assert names("bodies") == sorted(BRANCHES)


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_body_as_java_writes_it_takes_its_branch(branch: str) -> None:
    assert decode(read("bodies", branch)).body.WhichOneof("content") == branch


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_body_as_java_writes_it_is_written_with_the_same_members_nulls_and_number_tokens(branch: str) -> None:
    text = read("bodies", branch)
    assert tree_of(encode(decode(text))) == tree_of(text)


@pytest.mark.parametrize("row", BODY_TYPES, ids=lambda row: row.type)
def test_a_typed_body_leaves_only_open_keys_and_empty_lists_to_extras(row: BodyType) -> None:
    body = decode(read("bodies", row.branch)).body
    assert body.HasField("extras") == (row.branch in {"voice", "email"})


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_body_as_java_writes_it_is_one_that_ccm_takes(branch: str) -> None:
    assert validate(decode(read("bodies", branch))) == []


@pytest.mark.parametrize("name", names("wire"))
def test_what_deployments_send_is_written_as_expected(name: str) -> None:
    assert tree_of(encode(decode(read("wire", name)))) == tree_of(read("written", name))


def test_every_message_from_the_wire_says_what_must_become_of_it() -> None:
    assert names("wire") == names("written")
