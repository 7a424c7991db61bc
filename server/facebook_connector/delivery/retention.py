"""How long what is kept is kept: the times of the contract, and the cut-offs that follow from them. Pure."""

from __future__ import annotations

from typing import Final

HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS

EVENT_MS: Final = 7 * DAY_MS
"""Events after they were acknowledged, for replay; raw bytes; and what an abandoned subscription has not read."""

QUARANTINE_MS: Final = 30 * DAY_MS

OUTBOUND_MS: Final = 30 * DAY_MS
"""Messages to customers after their final state."""

NAMES_MS: Final = 400 * DAY_MS
"""What holds no content: de-duplication keys, Messenger ids with their CIM ids, window clocks."""

AUDIT_MS: Final = 400 * DAY_MS
