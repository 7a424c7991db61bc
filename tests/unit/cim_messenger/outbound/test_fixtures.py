from __future__ import annotations

import json

import pytest

from cim_messenger.outbound import PartKind, read_part, render, written_part
from cim_messenger.outbound.render import RENDERERS
from tests.support.outbound_fixtures import FIXTURES, ROWS, RULES, Case, cases, told

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}/{case.name}")
def test_a_message_becomes_what_the_fixture_says(case: Case) -> None:
    assert told(render(case.message, RULES)) == json.loads(case.expected.read_text())


def test_every_row_of_the_contract_has_a_fixture_and_no_other_row_has() -> None:
    assert {case.row for case in CASES} == ROWS.keys()


def test_every_body_type_has_a_row() -> None:
    assert RENDERERS.keys() | {"any"} == {row.partition(".")[0] for row in ROWS}


def test_every_branch_of_a_row_is_the_one_it_names() -> None:
    wrong = [
        case.cim.name
        for case in CASES
        if case.row.partition(".")[0] not in {"any", case.message.body.WhichOneof("content")}
    ]
    assert wrong == []


def test_every_expectation_belongs_to_a_message() -> None:
    assert {case.expected for case in CASES} == set(FIXTURES.glob("*/*.messenger.json"))


def test_every_kind_of_part_and_every_refusal_is_shown() -> None:
    expected = [json.loads(case.expected.read_text()) for case in CASES]
    kinds = {part["kind"] for each in expected for part in each.get("parts", ())}
    reasons = {each["refused"]["reason"] for each in expected if "refused" in each}
    assert kinds == set(PartKind)
    assert reasons == {"BODY_INVALID", "CONTENT_LIMIT_EXCEEDED", "UNSUPPORTED_BODY"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}/{case.name}")
def test_a_part_is_kept_and_read_back_as_it_is(case: Case) -> None:
    result = render(case.message, RULES)
    for part in getattr(result, "parts", ()):
        assert read_part(part.kind, written_part(part)) == part
