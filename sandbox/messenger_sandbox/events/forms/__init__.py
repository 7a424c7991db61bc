"""The forms in which each kind of event was seen: documented shapes, and odd ones that receivers stumbled over.

A form is named `<kind>.<form>` and fills in the details of its kind from a `Setting`. Forms that Facebook sends in a
manner of their own (seconds instead of milliseconds, no sender) have a row in `MANNERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from messenger_sandbox.events.forms.acts import ACT_FORMS
from messenger_sandbox.events.forms.echoes import ECHO_FORMS
from messenger_sandbox.events.forms.messages import MESSAGE_FORMS
from messenger_sandbox.events.forms.notices import NOTICE_FORMS
from messenger_sandbox.events.forms.posts import POST_FORMS
from messenger_sandbox.events.kinds import AS_USUAL, EventKind, Manner
from messenger_sandbox.events.setting import Fill

FORMS: Final[Mapping[str, Fill]] = MappingProxyType(
    {**MESSAGE_FORMS, **ACT_FORMS, **ECHO_FORMS, **NOTICE_FORMS, **POST_FORMS}
)

MANNERS: Final[Mapping[str, Manner]] = MappingProxyType(
    {
        "postback.user_ref": Manner(variants=("user_ref_only", "timestamp_in_seconds_as_text")),
        "postback.standby": Manner(standby=True),
        "optin.checkbox": Manner(variants=("no_sender",)),
        "referral.lead_complete": Manner(variants=("timestamp_in_seconds",)),
        "referral.lead_incomplete": Manner(variants=("timestamp_in_seconds",)),
        "policy_enforcement.old_spelling": Manner(variants=("hyphenated_key",)),
    }
)
"""Forms that are not sent as usual."""


def kind_of(form: str) -> EventKind:
    """Raises KeyError for an unknown form."""
    if form not in FORMS:
        raise KeyError(form)
    return EventKind(form.partition(".")[0])


def manner_of(form: str) -> Manner:
    return MANNERS.get(form, AS_USUAL)
