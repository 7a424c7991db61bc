from __future__ import annotations

import pytest

from connector_cli.failures import OWN_PACKAGES, Failure, failing_on, needing
from tests.unit.connector_cli.support import pyproject


def test_an_expected_error_becomes_one_line() -> None:
    with pytest.raises(Failure, match=r"^FBC_LISTEN: no port$"), failing_on(ValueError):
        raise ValueError("FBC_LISTEN:\n  no port")


def test_another_error_is_a_defect_and_stays_what_it_is() -> None:
    with pytest.raises(KeyError), failing_on(ValueError):
        raise KeyError("x")


def test_a_missing_package_names_the_extras_to_install() -> None:
    with pytest.raises(Failure) as failed, needing("server", "gateway"):
        raise ModuleNotFoundError("No module named 'sqlalchemy.ext'", name="sqlalchemy.ext")

    assert str(failed.value) == (
        "sqlalchemy is not installed: run pip install 'facebook-connector[cli,gateway,server]'"
    )


def test_a_missing_module_of_our_own_is_a_defect() -> None:
    with pytest.raises(ModuleNotFoundError), needing("server"):
        raise ModuleNotFoundError("No module named 'facebook_connector.nothing'", name="facebook_connector.nothing")


def test_our_own_packages_are_those_of_the_distribution() -> None:
    packages = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert {package.rpartition("/")[2] for package in packages} == OWN_PACKAGES
