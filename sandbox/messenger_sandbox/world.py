"""What exists in the sandbox: one app, its pages, the people who talk to them, their conversations.

State only: no I/O, no clock, no rule. It knows which message belongs where and when a person last did something that
opens the messaging window; whether a send is allowed is said in `rules`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import Any

from messenger_sandbox.errors import ErrorName
from messenger_sandbox.threads import Ownership, Routing
from messenger_sandbox.usage import QUIET, Usage

SUGGESTED_FIELDS = frozenset(
    {
        "messages",
        "messaging_postbacks",
        "messaging_optins",
        "messaging_referrals",
        "message_echoes",
        "message_deliveries",
        "message_reads",
        "message_reactions",
        "message_edits",
        "messaging_handovers",
        "standby",
        "messaging_account_linking",
        "messaging_policy_enforcement",
        "messaging_feedback",
    }
)
"""What a contact centre subscribes a page to."""

RECEIPTS = frozenset({"delivery", "read"})
MESSAGES_KEPT = 10_000
"""Of each conversation; far more than can be read, and a bound for runs that send without end."""
ALL_SCOPES = frozenset({"pages_messaging", "pages_manage_metadata", "pages_read_engagement", "pages_show_list"})


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one Facebook app of a sandbox. `callback_url` is None until a handshake or the configuration set it."""

    app_id: str
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    name: str = "Contact centre"
    callback_url: str | None = None
    require_proof: bool = False
    """*Require App Secret* of the app's settings: calls without `appsecret_proof` are refused."""

    @property
    def access_token(self) -> str:
        return f"{self.app_id}|{self.app_secret}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A Facebook Page. `token_fault` names the error that every call with its token gets; None means a good token."""

    page_id: str
    token: str = field(repr=False)
    name: str = "Sandbox page"
    subscribed_fields: frozenset[str] = SUGGESTED_FIELDS
    scopes: frozenset[str] = ALL_SCOPES
    human_agent: bool = True
    """The *Human Agent* feature: replies by a person up to seven days after the customer's last action."""
    token_fault: ErrorName | None = None
    routing: Routing | None = None
    """Conversation routing; None: it is not configured, and every app gets everything."""
    receipts: frozenset[str] = frozenset()
    """What people's devices tell of each message of the page by themselves: `delivery`, `read`."""
    usage: Usage = QUIET
    """How full the page's pools of rate limits are, as the headers of its answers tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as one page knows them: a PSID belongs to one page only."""

    psid: str
    page_id: str
    first_name: str = "Ali"
    last_name: str = "Raza"
    profile_pic: str | None = None
    phone_only: bool = False
    """A phone-number account: it has no profile."""
    consents: bool = True
    """False: the profile is answered as an empty object."""
    reachable: bool = True
    """False: the person blocked the page or left."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a conversation; `content` is what the other side sees of it, as in a webhook's `message`."""

    mid: str
    from_person: bool
    sent_ms: int
    content: Mapping[str, Any]


class Conversation:
    """The messages between one person and one page, oldest first, and the person's window clock."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._last_ms = 0
        self.opened_ms: int | None = None
        """When the person last did something that opens the window; None if never."""
        self.person_wrote_ms: int | None = None
        """When the person last wrote; a quoted reply needs it to be recent."""
        self.page_wrote_ms: int | None = None
        self.ownership: Ownership | None = None
        """The app that last got the thread, also when its time is over."""

    @property
    def messages(self) -> Mapping[str, Message]:
        return MappingProxyType(self._messages)

    def next_time(self, now_ms: int) -> int:
        """Gives a time that is later than any before in this conversation, so that watermarks separate messages."""
        self._last_ms = max(now_ms, self._last_ms + 1)
        return self._last_ms

    def add(self, message: Message) -> str | None:
        """Adds a message; returns the id of the oldest one if it had to make room."""
        self._messages[message.mid] = message
        if message.from_person:
            self.person_wrote_ms = message.sent_ms
        else:
            self.page_wrote_ms = message.sent_ms
        if len(self._messages) <= MESSAGES_KEPT:
            return None
        oldest = next(iter(self._messages))
        del self._messages[oldest]
        return oldest

    def remove(self, mid: str) -> None:
        self._messages.pop(mid, None)

    def rewrite(self, mid: str, text: str) -> None:
        """The person edited a message; an unknown one is none of this conversation."""
        message = self._messages.get(mid)
        if message is not None:
            self._messages[mid] = replace(message, content={**message.content, "text": text})

    def sent_by_page(self) -> tuple[Message, ...]:
        return tuple(message for message in self._messages.values() if not message.from_person)

    def newest(self, count: int) -> tuple[Message, ...]:
        """The last so many messages, the newest first."""
        return tuple(islice(reversed(self._messages.values()), count))

    def open_window(self, at_ms: int) -> None:
        self.opened_ms = at_ms


class World:
    """Everything the sandbox knows, by id. Unknown ids raise KeyError; the `find` methods return None instead."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._pages: dict[str, Page] = {}
        self._pages_by_token: dict[str, str] = {}
        self._people: dict[str, Person] = {}
        self._conversations: dict[str, Conversation] = {}
        self._profiles: dict[str, dict[str, Any]] = {}
        self._personas: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._psids_by_thread: dict[str, str] = {}
        self._psids_by_message: dict[str, str] = {}

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(self._pages.values())

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(self._people.values())

    def change_app(self, **changes: Any) -> App:
        self.app = replace(self.app, **changes)
        return self.app

    def put_page(self, page: Page) -> Page:
        before = self._pages.get(page.page_id)
        if before is not None:
            self._pages_by_token.pop(before.token, None)
        self._pages[page.page_id] = page
        self._pages_by_token[page.token] = page.page_id
        return page

    def put_person(self, person: Person) -> Person:
        """Adds or replaces a person; raises KeyError if there is no such page."""
        self.page(person.page_id)
        self._people[person.psid] = person
        self._conversations.setdefault(person.psid, Conversation())
        self._psids_by_thread[self.thread_id(person.psid)] = person.psid
        return person

    def add_message(self, psid: str, message: Message) -> None:
        self._psids_by_message[message.mid] = psid
        gone = self._conversations[psid].add(message)
        if gone is not None:
            del self._psids_by_message[gone]

    def change_page(self, page_id: str, **changes: Any) -> Page:
        return self.put_page(replace(self.page(page_id), **changes))

    def change_person(self, psid: str, **changes: Any) -> Person:
        return self.put_person(replace(self.person(psid), **changes))

    def page(self, page_id: str) -> Page:
        return self._pages[page_id]

    def find_page(self, page_id: str) -> Page | None:
        return self._pages.get(page_id)

    def page_of_token(self, token: str) -> Page | None:
        return self._pages.get(self._pages_by_token.get(token, ""))

    def profile(self, page_id: str) -> dict[str, Any]:
        """The page's Messenger profile, property by property; changes stay."""
        return self._profiles.setdefault(page_id, {})

    def personas(self, page_id: str) -> dict[str, Mapping[str, Any]]:
        """The page's personas by id; changes stay."""
        return self._personas.setdefault(page_id, {})

    def person(self, psid: str) -> Person:
        return self._people[psid]

    def find_person(self, page_id: str, psid: str) -> Person | None:
        """Finds a person *on that page*: another page's PSID is a stranger, as at Facebook."""
        person = self._people.get(psid)
        return person if person is not None and person.page_id == page_id else None

    def people_of(self, page_id: str) -> tuple[Person, ...]:
        return tuple(person for person in self._people.values() if person.page_id == page_id)

    def conversation(self, psid: str) -> Conversation:
        return self._conversations[psid]

    def thread_id(self, psid: str) -> str:
        """The id of a person's conversation in the Conversations API."""
        return f"t_{int.from_bytes(hashlib.sha256(psid.encode()).digest()[:6])}"

    def find_thread(self, page_id: str, thread_id: str) -> Person | None:
        """Finds the person of a conversation of that page."""
        return self.find_person(page_id, self._psids_by_thread.get(thread_id, ""))

    def find_message(self, page_id: str, mid: str) -> Person | None:
        """Finds the person in whose conversation with that page a message was written, also one taken back since."""
        return self.find_person(page_id, self._psids_by_message.get(mid, ""))
