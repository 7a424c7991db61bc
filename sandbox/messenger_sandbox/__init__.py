"""A stand-in for Facebook: the Graph API's sending side, a webhook sender, and a journal of all that passed.

It states Facebook's rules a second time, from Meta's documentation, and never imports the connector: a stand-in that
shares the code under test agrees with its bugs.
"""

from __future__ import annotations

from messenger_sandbox.app import RunningSandbox, Sandbox, create_app, create_state, run
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.delivery import Delivery, Outcome
from messenger_sandbox.faults import FAULTS, Fault, Stage
from messenger_sandbox.journal import Entry, EntryKind, Filter, Journal, read_journal, seen_by
from messenger_sandbox.people import PersonHandle
from messenger_sandbox.poster import RetryPolicy
from messenger_sandbox.world import SUGGESTED_FIELDS, Page, Person

__all__ = [
    "FAULTS",
    "SUGGESTED_FIELDS",
    "Delivery",
    "Entry",
    "EntryKind",
    "Fault",
    "Filter",
    "Journal",
    "Outcome",
    "Page",
    "Person",
    "PersonHandle",
    "RetryPolicy",
    "RunningSandbox",
    "Sandbox",
    "SandboxConfig",
    "Stage",
    "create_app",
    "create_state",
    "read_journal",
    "run",
    "seen_by",
]
