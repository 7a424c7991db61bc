"""A setting for the sandbox's forms in which every id is fixed and every link says what it leads to."""

from __future__ import annotations

from messenger_sandbox.events.forms import FORMS, kind_of, manner_of
from messenger_sandbox.events.kinds import Parties
from messenger_sandbox.events.rows import Event, build_event
from messenger_sandbox.events.setting import Setting
from tests.support.sandbox_world import APP_ID, NOW_MS, PAGE_ID, PSID

SETTING = Setting(
    mid="m_fresh-0123456789-0123456789",
    own_mid="m_own",
    page_mid="m_page",
    page_id=PAGE_ID,
    app_id=APP_ID,
    at_ms=NOW_MS - 1_000,
    media=lambda kind: f"https://cdn.example/{kind}",
)


def event_of(form: str, *variants: str, standby: bool = False) -> Event:
    """The event that a form makes, sent as forms of its kind are sent."""
    parties = Parties(page_id=PAGE_ID, psid=PSID, timestamp_ms=NOW_MS)
    return build_event(
        kind_of(form), parties, FORMS[form](SETTING), manner_of(form).with_more(variants, standby=standby)
    )
