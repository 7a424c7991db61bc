"""What a send is judged by: the call's parameters, the page, the person if known, the conversation, the time.

Also the two readers every rule needs. Parameters are whatever a client wrote; nothing about their types is taken for
granted here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.world import Conversation, Page, Person

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAttempt:
    """One call of the Send API, ready to be judged. `person` is None when the recipient is unknown on this page."""

    params: Mapping[str, Any]
    page: Page
    person: Person | None
    conversation: Conversation
    now_ms: int
    app_id: str = ""
    """The app that calls; it only counts where conversations are routed."""
    has_file: bool = False
    """The bytes of the attachment came with the call, as `filedata`."""
    personas: Container[str] = frozenset()
    """Ids of the page's personas."""
    domains: Collection[str] = ()
    """URLs of the page's `whitelisted_domains`."""

    @property
    def message(self) -> Mapping[str, Any]:
        """The `message` object, empty when there is none or it is no object."""
        return as_object(self.params.get("message"))

    @property
    def is_action(self) -> bool:
        return self.params.get("sender_action") is not None

    @property
    def tag(self) -> str | None:
        tag = self.params.get("tag")
        return tag if isinstance(tag, str) else None


Rule = Callable[[SendAttempt], GraphError | None]
"""Judges one thing; None means nothing against it."""


def as_object(value: object) -> Mapping[str, Any]:
    """Returns the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def one_of(value: object, allowed: Container[str]) -> bool:
    """Tells whether the value is one of the strings; a value of another type (even an unhashable one) is not."""
    return isinstance(value, str) and value in allowed


def bad(detail: str) -> GraphError:
    return refusal(ErrorName.BAD_PARAMETER, detail)


def utf16_units(text: str) -> int:
    """Counts as JavaScript and Java do: a character beyond the Basic Multilingual Plane is two units.

    Meta does not say which unit its 2000 mean; this one is the strictest reading that is still by characters.
    """
    return len(text) + sum(character > "\uffff" for character in text)


def recipient_psid(params: Mapping[str, Any]) -> str | None:
    """Reads `recipient.id`; Facebook also takes it as a JSON number."""
    psid = as_object(params.get("recipient")).get("id")
    if isinstance(psid, int) and not isinstance(psid, bool):
        return str(psid)
    return psid if isinstance(psid, str) else None
