"""Who is in the demo, what the customers say, and what the contact centre answers. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a customer writes."""

    person: Person
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Lines that are written at once; `twice`: Facebook delivers the webhook of the first one a second time."""

    caption: str
    lines: tuple[Line, ...]
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
THANKS = "Thanks! 👍🏽 We are five at home 👨‍👩‍👧‍👦 — شكرا"

CLAUSE = "Товар можно вернуть, если он не был в употреблении, сохранены упаковка и чек. "
CLAUSES = 30
TERMS = "Условия возврата. " + "".join(f"{number}. {CLAUSE}" for number in range(1, CLAUSES + 1)).strip()
"""Longer than the 2000 characters that Messenger takes, shorter than twice that."""

SCENES = (
    Scene(
        caption="Two customers write at once",
        lines=(Line(person=AMINA, text=HELLO), Line(person=OLEG, text=ORDER)),
    ),
    Scene(
        caption="Facebook delivers a webhook twice; the contact centre sees it once and quotes it",
        lines=(Line(person=AMINA, text=CASH),),
        twice=True,
    ),
    Scene(
        caption="An answer longer than Messenger takes goes out as two messages",
        lines=(Line(person=OLEG, text=RETURNS),),
    ),
    Scene(caption="Goodbye", lines=(Line(person=AMINA, text=THANKS),)),
)

REPLIES: Mapping[str, tuple[Reply, ...]] = MappingProxyType(
    {
        HELLO: (Reply(text="Hello Amina 😊 Yes, within two days."),),
        ORDER: (Reply(text="Здравствуйте, Олег! Заказ №1047 уже в пути 🚚"),),
        CASH: (Reply(text="نعم، الدفع عند الاستلام متاح 👍", quotes=True),),
        RETURNS: (Reply(text=TERMS), Reply(text="Коротко: 14 дней 🙂")),
        THANKS: (Reply(text="You are welcome 💚"),),
    }
)


def replies_to(text: str) -> tuple[Reply, ...]:
    """What the contact centre answers, also to what nobody foresaw."""
    return REPLIES.get(text) or (
        Reply(text=f"You wrote {len(text)} characters. An agent would answer here.", quotes=True),
    )
