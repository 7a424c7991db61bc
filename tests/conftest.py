"""Fixtures that any test may use."""

from __future__ import annotations

pytest_plugins = ["tests.support.databases"]
