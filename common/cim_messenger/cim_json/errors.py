"""The one error of the codec. It names a place and a problem, never a value: values are customers' words."""

from __future__ import annotations


class CimJsonError(ValueError):
    """Something is no CIM JSON, or cannot be written as such.

    `path` is where, from `$` for the whole: `$.body.attachment.size`, `$.header.stamps[2]`. `problem` is what, as a
    phrase that follows the path.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path} {self.problem}"


class UnheldError(CimJsonError):
    """CIM's Java model reads this value, but the typed field cannot hold it whole. Never leaves this package."""
