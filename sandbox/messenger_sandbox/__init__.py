"""A stand-in for Facebook: the Graph API's sending side, webhooks, media, and a journal of all that passed.

It states Facebook's rules a second time, from Meta's documentation, and never imports the connector: a stand-in that
shares the code under test agrees with its bugs.
"""

from __future__ import annotations

from messenger_sandbox.app import RunningSandbox, Sandbox, create_app, create_state, run
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.delivery import Delivery, Outcome
from messenger_sandbox.events.body_variants import VARIANTS
from messenger_sandbox.events.forms import FORMS
from messenger_sandbox.fault_rules import FaultRuleError, read_faults_file
from messenger_sandbox.fault_script import ALWAYS, Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS, Fault, Stage
from messenger_sandbox.graph.subscriptions import KNOWN_FIELDS
from messenger_sandbox.journal import Entry, EntryKind, Filter, Journal, read_journal, seen_by
from messenger_sandbox.media.faults import MEDIA_FAULTS, MediaFault, redirect_to
from messenger_sandbox.media.shelf import MediaFetch, MediaFile, MediaShelf
from messenger_sandbox.pages import PageHandle
from messenger_sandbox.people import PersonHandle
from messenger_sandbox.poster import RetryPolicy
from messenger_sandbox.threads import Routing
from messenger_sandbox.usage import Usage
from messenger_sandbox.world import SUGGESTED_FIELDS, Page, Person

__all__ = [
    "ALWAYS",
    "FAULTS",
    "FORMS",
    "KNOWN_FIELDS",
    "MEDIA_FAULTS",
    "SUGGESTED_FIELDS",
    "VARIANTS",
    "Delivery",
    "Endpoint",
    "Entry",
    "EntryKind",
    "Fault",
    "FaultRuleError",
    "Filter",
    "Journal",
    "MediaFault",
    "MediaFetch",
    "MediaFile",
    "MediaShelf",
    "Outcome",
    "Page",
    "PageHandle",
    "Person",
    "PersonHandle",
    "RetryPolicy",
    "Routing",
    "RunningSandbox",
    "Sandbox",
    "SandboxConfig",
    "ScriptedFault",
    "Stage",
    "Usage",
    "create_app",
    "create_state",
    "read_faults_file",
    "read_journal",
    "redirect_to",
    "run",
    "seen_by",
]
