"""CAROUSEL: cards side by side as generic templates, or nothing but pictures as one message of images.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates/generic
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.buttons import template_part
from cim_messenger.outbound.choices import Choice, choices, cut_warnings, full_titles
from cim_messenger.outbound.free_form import first_text, object_of
from cim_messenger.outbound.links import web_address
from cim_messenger.outbound.media import image_parts
from cim_messenger.outbound.refusals import exceeds, invalid
from cim_messenger.outbound.text import cut, fits, joined, split_warnings, text_of, text_parts
from cim_messenger.outbound.values import MediaKind, MediaReference, Part, Rendered, Rules, Warned
from expertflow.cim.v1.interactive_pb2 import CAROUSEL_MESSAGE_TYPE_MEDIA, CarouselElement
from expertflow.cim.v1.message_pb2 import CimMessage

FIELD = "body.carousel.elements"


def render_carousel(message: CimMessage, rules: Rules) -> Rendered:
    """MEDIA without buttons or links becomes images; everything else becomes cards."""
    body = message.body.carousel
    if not body.elements:
        raise invalid(FIELD, "There are no elements in it.")
    media = body.carousel_message_type == CAROUSEL_MESSAGE_TYPE_MEDIA
    if media and not any(element.buttons or element.default_action.url for element in body.elements):
        return _images(message, rules)
    return _cards(message, [_card(element, f"{FIELD}[{index}]") for index, element in enumerate(body.elements)], rules)


def _images(message: CimMessage, rules: Rules) -> Rendered:
    """The pictures together, and then what is said about them."""
    elements = message.body.carousel.elements
    images = [
        MediaReference(url=web_address(element.url, f"{FIELD}[{index}].url"), kind=MediaKind.IMAGE)
        for index, element in enumerate(elements)
    ]
    said = joined(text_of(message).strip(), *(element.text.strip() for element in elements))
    texts = text_parts(said, rules)
    return Rendered(parts=(*image_parts(images), *texts), warnings=tuple(split_warnings(texts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    title: str
    subtitle: str
    image_url: str
    link: str
    buttons: Sequence[Choice]

    def as_element(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"title": cut(self.title, limits.CARD_TITLE)}
        if self.subtitle:
            shown["subtitle"] = cut(self.subtitle, limits.CARD_SUBTITLE)
        if self.image_url:
            shown["image_url"] = self.image_url
        if self.link:
            shown["default_action"] = {"type": "web_url", "url": self.link}
        if self.buttons:
            shown["buttons"] = [choice.as_button() for choice in self.buttons]
        return shown

    def cut_texts(self) -> Iterator[str]:
        """What of the card's own texts does not fit, in full."""
        if not fits(self.title, limits.CARD_TITLE):
            yield self.title
        if not fits(self.subtitle, limits.CARD_SUBTITLE):
            yield self.subtitle


def _card(element: CarouselElement, path: str) -> _Card:
    title, subtitle = _titles(element, path)
    card = _Card(
        title=title,
        subtitle=subtitle,
        image_url=web_address(element.url, f"{path}.url") if element.url.strip() else "",
        link=_link(element, path),
        buttons=choices(element.buttons, f"{path}.buttons", links_by_payload=True),
    )
    if (count := len(card.buttons)) > limits.TEMPLATE_BUTTONS.maximum:
        raise exceeds(f"{path}.buttons", limits.TEMPLATE_BUTTONS, count)
    if not (card.subtitle or card.image_url or card.link or card.buttons):
        raise invalid(path, "A card needs a picture, a subtitle, a link or a button beside its text.")
    return card


def _titles(element: CarouselElement, path: str) -> tuple[str, str]:
    """Text and subtitle; a subtitle alone is the title, for a card needs one."""
    title = element.text.strip()
    subtitle = first_text(object_of(element.additional_carousel_element_details), "subtitle")
    if not title and not subtitle:
        raise invalid(f"{path}.text", "A card needs a text.")
    return (title, subtitle) if title else (subtitle, "")


def _link(element: CarouselElement, path: str) -> str:
    url = element.default_action.url.strip()
    return web_address(url, f"{path}.default_action.url") if url else ""


def _cards(message: CimMessage, cards: Sequence[_Card], rules: Rules) -> Rendered:
    """The text first, with everything that the cards have no room for; then the cards, ten at a time."""
    buttons = [choice for card in cards for choice in card.buttons]
    cut_texts = [text for card in cards for text in card.cut_texts()]
    before = text_parts(joined(text_of(message).strip(), *cut_texts, full_titles(buttons), between="\n\n"), rules)
    step = limits.CARDS.maximum
    templates = [_template(cards[start : start + step]) for start in range(0, len(cards), step)]
    warnings = (*cut_warnings(buttons), *_cut_cards(cut_texts), *_split(cards, templates), *split_warnings(before))
    return Rendered(parts=(*before, *templates), warnings=warnings)


def _template(cards: Sequence[_Card]) -> Part:
    return template_part({"template_type": "generic", "elements": [card.as_element() for card in cards]})


def _cut_cards(cut_texts: Sequence[str]) -> Iterator[Warned]:
    if cut_texts:
        texts = "1 text of a card was" if len(cut_texts) == 1 else f"{len(cut_texts)} texts of cards were"
        detail = f"{texts} cut to {limits.CARD_TITLE.maximum} characters and in full put before the cards."
        yield Warned(code="TITLE_CUT", detail=detail)


def _split(cards: Sequence[_Card], templates: Sequence[Part]) -> Iterator[Warned]:
    if len(templates) > 1:
        detail = f"{len(cards)} cards were sent as {len(templates)} messages: Messenger shows {limits.CARDS.maximum}."
        yield Warned(code="CARDS_SPLIT", detail=detail)
