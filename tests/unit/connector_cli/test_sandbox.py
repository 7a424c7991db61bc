from __future__ import annotations

from pathlib import Path

import pytest

from connector_cli.failures import Failure
from connector_cli.sandbox import PEOPLE, faults_of, introduction, person_of
from messenger_sandbox import Person, Sandbox
from tests.support.channels import APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN, sandbox_config


@pytest.mark.parametrize(
    ("text", "name"),
    [("7001", "Somebody"), ("7001:Ana", "Ana"), ("7001: Ana María de la Cruz", "Ana María de la Cruz")],
)
def test_a_person_is_a_psid_and_a_name(text: str, name: str) -> None:
    person = person_of(text, "1001")

    assert (person.psid, person.page_id, person.name) == ("7001", "1001", name)


@pytest.mark.parametrize("text", ["Ana", ":Ana", ""])
def test_a_person_without_a_psid_is_refused(text: str) -> None:
    with pytest.raises(Failure, match=r"^--person"):
        person_of(text, "1001")


def test_the_people_that_come_along_can_be_read() -> None:
    assert all(isinstance(person_of(text, "1001"), Person) for text in PEOPLE)


def test_faults_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[faults]]\nname = "temporary"\ntimes = 3\n')

    assert [(rule.name, rule.times) for rule in faults_of(file)] == [("temporary", 3)]


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), ('[[faults]]\nname = "earthquake"\n', r"faults\[0\]: name: there is no 'earthquake'")],
)
def test_a_faults_file_that_cannot_be_read_is_told(tmp_path: Path, content: str | None, told: str) -> None:
    file = tmp_path / "faults.toml"
    if content is not None:
        file.write_text(content)

    with pytest.raises(Failure, match=f"^--faults .*{told}"):
        faults_of(file)


async def test_the_introduction_holds_all_that_a_connector_needs() -> None:
    config = sandbox_config(callback_url="http://127.0.0.1:8080/webhook")

    async with Sandbox(config).serve() as running:
        told = introduction(config, running)

        settings = f"FBC_GRAPH_URL={running.base_url} FBC_MEDIA_ORIGINS={running.base_url}"
        assert f"{settings} facebook-connector up" in told
        assert f"{running.base_url}/_sandbox/people/" in told
    for word in (PAGE_ID, PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN, "http://127.0.0.1:8080/webhook"):
        assert word in told
