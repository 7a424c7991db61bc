from __future__ import annotations

import pytest

from facebook_connector.sending.graph_errors import meaning_of
from messenger_sandbox.errors import ERRORS, ErrorName

NOT_OF_A_SEND = {ErrorName.UNKNOWN_PATH}


@pytest.mark.parametrize("name", [name for name in ErrorName if name not in NOT_OF_A_SEND])
def test_every_error_the_sandbox_knows_has_a_meaning(name: ErrorName) -> None:
    assert meaning_of(ERRORS[name].code, ERRORS[name].subcode) is not None
