"""Who is in the demo, what the customers do, and what the contact centre answers. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from messenger_sandbox import Page, Person

PAGE_ID = "104792690000001"
APP_ID = "555000111222333"

AMINA = Person(psid="7001002003004005", page_id=PAGE_ID, first_name="Amina", last_name="Khan")
OLEG = Person(psid="7001002003004006", page_id=PAGE_ID, first_name="Олег", last_name="Петров")
PEOPLE: Mapping[str, Person] = MappingProxyType({person.psid: person for person in (AMINA, OLEG)})


def page(token: str) -> Page:
    """The Facebook Page of the demo."""
    return Page(page_id=PAGE_ID, token=token, name="Demo shop")


class Deed(Enum):
    """What a customer can do in the demo."""

    WRITES = "writes"
    SENDS_PICTURES = "sends"
    """Two in one message."""
    SENDS_STICKER = "sends a"
    QUOTES = "quotes"
    """Writes an answer to the newest message of the page."""
    REACTS = "reacts"
    """To the newest message of the page."""
    TAPS = "taps"
    """A button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a customer does, with its words if it has any: the text, or the title of the button."""

    person: Person
    deed: Deed = Deed.WRITES
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Acts that happen at once; `twice`: Facebook delivers the webhook of the first one a second time."""

    caption: str
    acts: tuple[Act, ...]
    twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the contact centre answers, perhaps as a quoted reply."""

    text: str
    quotes: bool = False


HELLO = "Hello 👋 Do you deliver to Lahore?"
ORDER = "Здравствуйте! Где мой заказ №1047? 📦"
CASH = "مرحبا، هل يمكنني الدفع عند الاستلام؟ 💵"
RETURNS = "Какие у вас условия возврата?"
BROKEN = "It arrived broken, look:"
QUOTED = "Да, именно этот 🙋"
AGENT = "Talk to an agent"
AGENT_PAYLOAD = "AGENT"
THANKS = "Thanks! 👍🏽 We are five at home 👨‍👩‍👧‍👦 — شكرا"

CLAUSE = "Товар можно вернуть, если он не был в употреблении, сохранены упаковка и чек. "
CLAUSES = 30
TERMS = "Условия возврата. " + "".join(f"{number}. {CLAUSE}" for number in range(1, CLAUSES + 1)).strip()
"""Longer than the 2000 characters that Messenger takes, shorter than twice that."""

SCENES = (
    Scene(
        caption="Two customers write at once",
        acts=(Act(person=AMINA, text=HELLO), Act(person=OLEG, text=ORDER)),
    ),
    Scene(
        caption="Facebook delivers a webhook twice; the contact centre sees it once and quotes it",
        acts=(Act(person=AMINA, text=CASH),),
        twice=True,
    ),
    Scene(
        caption="An answer longer than Messenger takes goes out as two messages",
        acts=(Act(person=OLEG, text=RETURNS),),
    ),
    Scene(
        caption="A text and two pictures in one message; the bytes are kept, under links of our own",
        acts=(Act(person=AMINA, deed=Deed.SENDS_PICTURES, text=BROKEN),),
    ),
    Scene(
        caption="A sticker, and a quoted reply",
        acts=(Act(person=AMINA, deed=Deed.SENDS_STICKER), Act(person=OLEG, deed=Deed.QUOTES, text=QUOTED)),
    ),
    Scene(
        caption="A reaction, and a tap on a button",
        acts=(Act(person=AMINA, deed=Deed.REACTS), Act(person=OLEG, deed=Deed.TAPS, text=AGENT)),
    ),
    Scene(caption="Goodbye", acts=(Act(person=AMINA, text=THANKS),)),
)

REPLIES: Mapping[str, tuple[Reply, ...]] = MappingProxyType(
    {
        HELLO: (Reply(text="Hello Amina 😊 Yes, within two days."),),
        ORDER: (Reply(text="Здравствуйте, Олег! Заказ №1047 уже в пути 🚚"),),
        CASH: (Reply(text="نعم، الدفع عند الاستلام متاح 👍", quotes=True),),
        RETURNS: (Reply(text=TERMS), Reply(text="Коротко: 14 дней 🙂")),
        "IMAGE": (Reply(text="We are sorry! A new one is on its way 🚚"),),
        "STICKER": (Reply(text="😊"),),
        QUOTED: (Reply(text="Хорошо, оформляем 📦"),),
        AGENT: (Reply(text="Соединяю с оператором 🎧"),),
        THANKS: (Reply(text="You are welcome 💚"),),
    }
)


def replies_to(topic: str) -> tuple[Reply, ...]:
    """What the contact centre answers to a text, or to a CIM body type without one; also to what nobody foresaw."""
    return REPLIES.get(topic) or (
        Reply(text=f"You wrote {len(topic)} characters. An agent would answer here.", quotes=True),
    )
