"""docs/sandbox.md names all there is to name, and its sample can be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from messenger_sandbox import FAULTS, read_faults_file
from messenger_sandbox.control import DIRECTIONS, PAGE_KEYS
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.events.forms import FORMS
from messenger_sandbox.fault_rules import KEYS
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.people import ACTS

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
WORDS = {
    *(endpoint.value for endpoint in Endpoint),
    *KEYS,
    *ACTS,
    *PAGE_KEYS,
    *(FAULTS.keys() - {name.value for name in ErrorName}),
}


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_of_rules_and_control_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE or f"`{word} " in PAGE


@pytest.mark.parametrize("path", sorted({path for _, path, _ in DIRECTIONS}))
def test_every_direction_is_listed(path: str) -> None:
    assert f"{path}`" in PAGE


def test_the_sample_file_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text(PAGE.partition("```toml\n")[2].partition("```")[0])
    assert len(read_faults_file(file)) == 5


def test_the_sample_form_exists() -> None:
    assert "postback.button" in FORMS
