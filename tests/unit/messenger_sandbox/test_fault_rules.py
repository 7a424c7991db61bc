from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from messenger_sandbox import ALWAYS, FAULTS, FaultRuleError, Stage, read_faults_file
from messenger_sandbox.fault_rules import read_rule
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.usage import Usage


def test_a_named_fault_waits_for_one_call() -> None:
    rule = read_rule({"name": "temporary"})
    assert (rule.name, rule.fault, rule.times) == ("temporary", FAULTS["temporary"], 1)


def test_a_rule_may_say_everything() -> None:
    rule = read_rule(
        {
            "name": "messenger_limit",
            "endpoint": "message_attachments",
            "page_id": "1",
            "psid": "2",
            "text": "hi",
            "nth": 3,
            "probability": 0.5,
            "seed": 9,
            "times": "always",
            "usage_percent": 97,
            "regain_minutes": 12,
        }
    )
    assert (rule.endpoint, rule.page_id, rule.psid, rule.text) == (Endpoint.UPLOADS, "1", "2", "hi")
    assert (rule.nth, rule.probability, rule.seed, rule.times) == (3, 0.5, 9, ALWAYS)
    assert rule.fault.usage == Usage(percent=97, regain_minutes=12)


@pytest.mark.parametrize("when", [{"probability": 0.1}, {"nth": 10}])
def test_chance_and_number_have_no_end_unless_told(when: dict[str, Any]) -> None:
    assert read_rule({"name": "temporary", **when}).times is ALWAYS
    assert read_rule({"name": "temporary", **when, "times": 2}).times == 2


def test_a_fault_of_ones_own() -> None:
    rule = read_rule({"stage": "after_taken", "code": 1, "subcode": 99, "status": 500, "delay_s": 0.5})
    assert rule.name == "custom"
    assert rule.fault.stage is Stage.AFTER_TAKEN
    assert rule.fault.error is not None
    assert (rule.fault.error.code, rule.fault.error.subcode, rule.fault.error.status) == (1, 99, 500)
    assert rule.fault.delay_s == 0.5


def test_a_named_fault_can_be_changed() -> None:
    assert read_rule({"name": "slow", "delay_s": 1}).fault.delay_s == 1


@pytest.mark.parametrize("rule", [{"name": "temporary"}, {"stage": "after_taken", "error": "temporary"}])
def test_an_error_may_come_under_another_status(rule: dict[str, Any]) -> None:
    error = read_rule(rule | {"status": 200}).fault.error
    assert error is not None
    assert (error.code, error.status) == (2, 200)


def test_any_fault_can_happen_to_profiles() -> None:
    assert read_rule({"name": "temporary", "endpoint": "profiles"}).fault.stage is Stage.PROFILE


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"name": "earthquake"}, "name: there is no 'earthquake'; known are"),
        ({"name": "temporry"}, "name: there is no 'temporry'; did you mean 'temporary'?"),
        ({"name": "temporary", "probabilty": 1}, "probabilty: there is no such key; did you mean 'probability'?"),
        ({"name": "temporary", "probability": 2}, "probability: must be above 0 and at most 1"),
        ({"name": "temporary", "probability": "half"}, "probability: must be a number"),
        ({"name": "temporary", "times": 0}, "times: a fault happens at least once"),
        ({"name": "temporary", "times": True}, "times: must be a whole number"),
        ({"name": "temporary", "endpoint": "feed"}, "endpoint: there is no 'feed'; known are"),
        ({"name": "temporary", "psid": 7}, "psid: must be a non-empty string"),
        ({"name": "temporary", "text": "("}, "text: missing ), unterminated subpattern"),
        ({"stage": "before_taken", "error": "earthquake"}, "error: there is no 'earthquake'"),
        ({"stage": "sometimes", "status": 500}, "stage: there is no 'sometimes'"),
        ({"name": "server_error", "status": 99}, "status: must be an HTTP status from 200 to 599"),
        ({"name": "reset", "reset": 1}, "reset: must be true or false"),
        ({"status": 500}, "name: either the name of a fault or a stage is required"),
        ("temporary", "must be an object"),
    ],
)
def test_a_mistake_is_named(rule: object, told: str) -> None:
    with pytest.raises(FaultRuleError) as failure:
        read_rule(rule, "faults[3]: ")
    assert str(failure.value).startswith(f"faults[3]: {told}")


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_toml_file(tmp_path: Path) -> None:
    text = '[[faults]]\nname = "reset"\nprobability = 0.1\n\n[[faults]]\nname = "webhook_duplicate"\nevent = "echo"\n'
    rules = read_faults_file(written(tmp_path, "faults.toml", text))
    assert [(rule.name, rule.times) for rule in rules] == [("reset", ALWAYS), ("webhook_duplicate", 1)]


def test_a_json_file(tmp_path: Path) -> None:
    rules = read_faults_file(written(tmp_path, "faults.json", '{"faults": [{"name": "reset"}]}'))
    assert [rule.name for rule in rules] == ["reset"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "[[faults]]\nname = \n", "(at line 2, column 8)"),
        ("a.json", '{"faults": [}', "line 1 column 13"),
        ("a.json", "[]", "must be an object"),
        ("a.toml", "", "faults: must be a list of rules"),
        ("a.toml", '[[fault]]\nname = "reset"', "fault: there is no such key; the rules are [[faults]]"),
        ("a.toml", '[[faults]]\nname = "reset"\n[[faults]]\nname = "rest"', "faults[1]: name: there is no 'rest'"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    file = written(tmp_path, name, text)
    with pytest.raises(FaultRuleError) as failure:
        read_faults_file(file)
    assert str(failure.value).startswith(f"{file}: ")
    assert told in str(failure.value)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_faults_file(tmp_path / "none.toml")
