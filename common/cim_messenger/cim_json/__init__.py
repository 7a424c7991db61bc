"""CIM JSON, as contact centres exchange it today, to and from `expertflow.cim.v1`.

`decode` reads what CIM's Java model and the other CIM clients write; `encode` writes what that model reads; `validate`
says what it would refuse. Neither direction loses anything: what no typed field can hold travels verbatim in `extras`
or in `GenericBody`. The rules stand in the comments of `CimMessage` and in the tables of `envelope` and `bodies`.
"""

from __future__ import annotations

from cim_messenger.cim_json.codec import decode, encode, read_json
from cim_messenger.cim_json.errors import CimJsonError
from cim_messenger.cim_json.json_text import JsonValue, Number, wrong_kind
from cim_messenger.cim_json.validation import Violation, validate

__all__ = [
    "CimJsonError",
    "JsonValue",
    "Number",
    "Violation",
    "decode",
    "encode",
    "read_json",
    "validate",
    "wrong_kind",
]
