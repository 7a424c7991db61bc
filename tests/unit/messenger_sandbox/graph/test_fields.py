from __future__ import annotations

import pytest

from messenger_sandbox.errors import RefusedError
from messenger_sandbox.graph.fields import Field, read_fields


def test_fields_nest() -> None:
    assert read_fields("id, messages.limit(20){id,from},updated_time") == (
        Field(name="id"),
        Field(name="messages", limit=20, fields=(Field(name="id"), Field(name="from"))),
        Field(name="updated_time"),
    )


@pytest.mark.parametrize("text", ["", "id,", "messages{id", "messages{}", "id}", "messages.limit(x)", "ID", "id;name"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        read_fields(text)
