"""Reads rules for faults, from the control endpoint's JSON or from a file of TOML or JSON; every mistake is named.

A rule is an object of the keys in `KEYS`. It names a fault of the table (`name`), or says by itself what happens
(`stage` with `error` or `code`, `status`, `reset`, `delay_s`, `echo_first`), and which occasions it waits for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

from messenger_sandbox.errors import ERRORS, ErrorName, GraphError
from messenger_sandbox.fault_script import ALWAYS, Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS, Fault, Stage
from messenger_sandbox.usage import Usage


class FaultRuleError(ValueError):
    """A rule that cannot be read; the text names the file, the key and what it may be."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - one kind of error for one kind of mistake
    return value


def _status(value: Any) -> int:
    if not 200 <= _whole(value) <= 599:  # noqa: PLR2004 - HTTP's own numbers
        raise ValueError("must be an HTTP status from 200 to 599")
    return _whole(value)


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - likewise
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - likewise
    return value


def _times(value: Any) -> int | None:
    return ALWAYS if value == "always" else _whole(value)


def _one_of(names: Mapping[str, Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value in names:
            return names[value]
        near = get_close_matches(str(value), names, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(names))}"
        raise ValueError(f"there is no {value!r}{meant}")

    return read


WHEN: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "endpoint": _one_of({endpoint.value: endpoint for endpoint in Endpoint}),
        "page_id": _text,
        "psid": _text,
        "text": _text,
        "event": _text,
        "nth": _whole,
        "probability": _number,
        "seed": _whole,
        "times": _times,
    }
)
WHAT: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "name": _one_of({name: name for name in FAULTS}),
        "stage": _one_of({stage.value: stage for stage in Stage}),
        "error": _one_of({name.value: ERRORS[name] for name in ErrorName}),
        "code": _whole,
        "subcode": _whole,
        "status": _status,
        "body": lambda value: _text(value).encode(),
        "reset": _flag,
        "delay_s": _number,
        "echo_first": _flag,
        "copies": _whole,
        "lost": _flag,
        "usage_percent": _whole,
        "regain_minutes": _whole,
    }
)
KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {**WHAT, **WHEN}


def read_rule(rule: object, where: str = "") -> ScriptedFault:
    """Reads one rule; raises FaultRuleError, whose text begins with `where`."""
    if not isinstance(rule, dict):
        raise FaultRuleError(f"{where}must be an object")
    values = {key: _value(key, value, where) for key, value in rule.items()}
    when = {key: value for key, value in values.items() if key in WHEN}
    if "times" not in when and (when.keys() & {"probability", "nth"}):
        when["times"] = ALWAYS
    try:
        fault = _of_profiles(_fault(values), when.get("endpoint"))
        return ScriptedFault(name=values.get("name", "custom"), fault=fault, **when)
    except ValueError as error:
        raise FaultRuleError(f"{where}{error}") from error


def _value(key: str, value: Any, where: str) -> Any:
    if key not in KEYS:
        near = get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(KEYS))}"
        raise FaultRuleError(f"{where}{key}: there is no such key; {hint}")
    try:
        return KEYS[key](value)
    except ValueError as error:
        raise FaultRuleError(f"{where}{key}: {error}") from error


def _fault(values: Mapping[str, Any]) -> Fault:
    """The fault of that name with whatever else is said about it, or a new one."""
    changes = {key: values[key] for key in ("status", "body", "reset", "delay_s", "echo_first") if key in values}
    changes |= {key: values[key] for key in ("stage", "copies", "lost") if key in values}
    if values.keys() & {"error", "code"}:
        changes["error"] = _error(values)
    if values.keys() & {"usage_percent", "regain_minutes"}:
        changes["usage"] = Usage(
            percent=values.get("usage_percent", 100), regain_minutes=values.get("regain_minutes", 0)
        )
    if "name" in values:
        return _under_status(replace(FAULTS[values["name"]], **changes), values)
    if "stage" not in values:
        raise ValueError("name: either the name of a fault or a stage is required")
    return _under_status(Fault(**changes), values)


def _under_status(fault: Fault, values: Mapping[str, Any]) -> Fault:
    """An error's envelope may come under any status, even 200."""
    if fault.error is None or "status" not in values:
        return fault
    return replace(fault, error=replace(fault.error, status=values["status"]))


def _error(values: Mapping[str, Any]) -> GraphError:
    if "error" in values:
        named: GraphError = values["error"]
        return named
    code = values["code"]
    return GraphError(code=code, subcode=values.get("subcode"), message=f"(#{code}) Scripted")


def _of_profiles(fault: Fault, endpoint: Endpoint | None) -> Fault:
    """Profiles have a stage of their own."""
    calls = fault.stage in {Stage.BEFORE_TAKEN, Stage.AFTER_TAKEN}
    return replace(fault, stage=Stage.PROFILE) if endpoint is Endpoint.PROFILES and calls else fault


def read_faults_file(path: Path) -> tuple[ScriptedFault, ...]:
    """Reads `[[faults]]` of a TOML file, or `{"faults": […]}` if its name ends in `.json`.

    Raises OSError if it cannot be opened, FaultRuleError for anything in it that is wrong.
    """
    content = _parsed(path)
    unknown = sorted(content.keys() - {"faults"})
    if unknown:
        raise FaultRuleError(f"{path}: {unknown[0]}: there is no such key; the rules are [[faults]]")
    rules = content.get("faults")
    if not isinstance(rules, list):
        raise FaultRuleError(f"{path}: faults: must be a list of rules")
    return tuple(read_rule(rule, f"{path}: faults[{index}]: ") for index, rule in enumerate(rules))


def _parsed(path: Path) -> Mapping[str, Any]:
    raw = path.read_bytes()
    try:
        value = orjson.loads(raw) if path.suffix == ".json" else tomllib.loads(raw.decode())
    except ValueError as error:
        raise FaultRuleError(f"{path}: {error}") from error
    if not isinstance(value, dict):
        raise FaultRuleError(f"{path}: must be an object with the key faults")
    return value
