from __future__ import annotations

import pkgutil

import connector_client


def test_every_exported_name_is_there() -> None:
    assert [name for name in connector_client.__all__ if not hasattr(connector_client, name)] == []


def test_every_module_is_private() -> None:
    assert [module.name for module in pkgutil.iter_modules(connector_client.__path__) if module.name[0] != "_"] == []
