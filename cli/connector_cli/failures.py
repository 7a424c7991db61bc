"""The one way in which a command fails: a line on stderr that says what to do, and exit status 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# The names of this distribution's packages: when one of them is missing no extra will bring it.
OWN_PACKAGES = frozenset(
    {
        "ccm_bridge",
        "cim_messenger",
        "connector_cli",
        "connector_client",
        "expertflow",
        "facebook_connector",
        "facebook_gateway",
        "messenger_sandbox",
        "service_runtime",
    }
)


class Failure(Exception):  # noqa: N818 - names an outcome
    """Ends the command. The message is written for the person at the terminal: one line, with what to do."""


@contextmanager
def failing_on(*expected: type[Exception]) -> Iterator[None]:
    """Turns these errors, whose messages are written for a person, into `Failure`."""
    try:
        yield
    except expected as error:
        raise Failure(" ".join(str(error).split())) from error


@contextmanager
def needing(*extras: str) -> Iterator[None]:
    """Around imports: a package that is not installed becomes a `Failure` that names the extras to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in OWN_PACKAGES:
            raise
        raise Failure(
            f"{missing} is not installed: run pip install 'facebook-connector[{','.join(sorted({'cli', *extras}))}]'"
        ) from error
