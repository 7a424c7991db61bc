"""URL, LOCATION and CONTACT: what Messenger has no form for and a text says as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cim_messenger.outbound.free_form import as_list, as_object, as_text, first_text, object_of
from cim_messenger.outbound.links import is_web_address, web_address
from cim_messenger.outbound.refusals import invalid
from cim_messenger.outbound.text import TEXT_FIELD, joined, split_warnings, text_of, text_parts
from cim_messenger.outbound.values import Rendered, Rules
from expertflow.cim.v1.media_pb2 import Contact, Location
from expertflow.cim.v1.message_pb2 import CimMessage

MAP_LINK = "https://www.google.com/maps/search/?api=1&query={latitude},{longitude}"
"""https://developers.google.com/maps/documentation/urls/get-started#search-action"""
DEGREES = 7
"""Decimal places of a coordinate: a centimetre."""


def render_url(message: CimMessage, rules: Rules) -> Rendered:
    """The title and below it the link, of which Messenger makes a preview."""
    link = web_address(message.body.url.media_url, "body.url.media_url")
    title = text_of(message)
    return _written(title if link in title else joined(title.strip(), link), rules, "body.url.media_url")


def render_location(message: CimMessage, rules: Rules) -> Rendered:
    """Text, name and address, and a link to a map; Messenger has no form for places that a page sends."""
    body = message.body.location
    details = object_of(body.additional_details)
    given = first_text(details, "url")
    link = given if is_web_address(given) else _map_link(body.location)
    lines = dict.fromkeys((text_of(message).strip(), first_text(details, "name"), first_text(details, "address")))
    return _written(joined(*lines, link), rules, "body.location.additional_details.url")


def render_contact(message: CimMessage, rules: Rules) -> Rendered:
    """One paragraph for each card: name, phones, e-mail addresses, organisation and links."""
    contacts = message.body.contact.contacts
    if not contacts:
        raise invalid("body.contact.contacts", "There is no contact in it.")
    cards = [_card(contact, f"body.contact.contacts[{index}]") for index, contact in enumerate(contacts)]
    return _written(joined(text_of(message).strip(), *cards, between="\n\n"), rules, TEXT_FIELD)


def _written(text: str, rules: Rules, path: str) -> Rendered:
    parts = text_parts(text, rules, path)
    return Rendered(parts=parts, warnings=tuple(split_warnings(parts)))


def _map_link(place: Location) -> str:
    for name, degrees, bound in (("latitude", place.latitude, 90), ("longitude", place.longitude, 180)):
        if not place.HasField(name) or not -bound <= degrees <= bound:
            raise invalid(f"body.location.location.{name}", f"It must be given, from -{bound} to {bound} degrees.")
    return MAP_LINK.format(latitude=_degrees(place.latitude), longitude=_degrees(place.longitude))


def _degrees(value: float) -> str:
    return f"{value:.{DEGREES}f}".rstrip("0").rstrip(".")


def _card(contact: Contact, path: str) -> str:
    lines = joined(contact.name.formatted_name.strip(), *_phones(contact), *_details(contact))
    if not lines:
        raise invalid(f"{path}.name.formatted_name", "The card has neither a name nor anything to reach the person by.")
    return lines


def _phones(contact: Contact) -> Iterator[str]:
    for phone in contact.phones:
        yield _labelled(phone.phone, object_of(phone.additional_phone_details))


def _details(contact: Contact) -> Iterator[str]:
    """What the WhatsApp-like conventions put beside name and phones."""
    details = object_of(contact.additional_contact_details)
    yield first_text(as_object(details.get("org")), "company")
    for key, name in (("emails", "email"), ("urls", "url")):
        for entry in map(as_object, as_list(details.get(key))):
            yield _labelled(as_text(entry.get(name)), entry)
    for address in map(as_object, as_list(details.get("addresses"))):
        parts = (first_text(address, key) for key in ("street", "zip", "city", "state", "country"))
        yield joined(*parts, between=", ")


def _labelled(value: str, details: Mapping[str, Any]) -> str:
    label = first_text(details, "type")
    return f"{value.strip()} ({label.lower()})" if value.strip() and label else value.strip()
