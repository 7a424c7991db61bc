"""The table of the objects inside bodies: attachments, buttons, contact cards and the like, in Java's order of keys."""

from __future__ import annotations

from cim_messenger.cim_json.kinds import ANY, DOUBLE, INT64, TEXT, enum
from cim_messenger.cim_json.shapes import Absence, Field, Rule, Shape
from expertflow.cim.v1 import activity_pb2 as activity
from expertflow.cim.v1 import interactive_pb2 as interactive
from expertflow.cim.v1 import media_pb2 as media

ATTACHMENT = Shape(
    media.Attachment,
    (
        Field("mediaUrl", "media_url", TEXT, rule=Rule.NOT_BLANK),
        Field("thumbnail", "thumbnail", TEXT),
        Field("mimeType", "mime_type", TEXT),
        Field("size", "size", INT64, absence=Absence.ZERO),
        Field("mediaLabel", "media_label", TEXT),
        Field("mediaName", "media_name", TEXT),
    ),
)
LOCATION = Shape(
    media.Location,
    (
        Field("latitude", "latitude", DOUBLE, absence=Absence.ZERO, rule=Rule.NOT_NULL),
        Field("longitude", "longitude", DOUBLE, absence=Absence.ZERO, rule=Rule.NOT_NULL),
    ),
)

CONTACT_NAME = Shape(
    media.ContactName,
    (
        Field("formattedName", "formatted_name", TEXT, rule=Rule.NOT_BLANK),
        Field("additionalNameDetails", "additional_name_details", ANY),
    ),
)
CONTACT_PHONE = Shape(
    media.ContactPhone,
    (
        Field("phone", "phone", TEXT),
        Field("additionalPhoneDetails", "additional_phone_details", ANY),
    ),
)
CONTACT = Shape(
    media.Contact,
    (
        Field("name", "name", CONTACT_NAME),
        Field("phones", "phones", CONTACT_PHONE, repeated=True, absence=Absence.DEFAULT),
        Field("additionalContactDetails", "additional_contact_details", ANY),
    ),
)

BUTTON = Shape(
    interactive.Button,
    (
        Field("title", "title", TEXT, rule=Rule.NOT_BLANK),
        Field("payload", "payload", TEXT, rule=Rule.NOT_BLANK),
        Field("type", "button_type", TEXT, rule=Rule.NOT_BLANK),
        Field("additionalButtonDetails", "additional_button_details", ANY),
    ),
)
BUTTONS = Field("buttons", "buttons", BUTTON, repeated=True, absence=Absence.DEFAULT)

DEFAULT_ACTION = Shape(
    interactive.DefaultAction,
    (
        Field("type", "action_type", TEXT),
        Field("url", "url", TEXT),
    ),
)
CAROUSEL_ELEMENT = Shape(
    interactive.CarouselElement,
    (
        Field("text", "text", TEXT),
        Field("url", "url", TEXT),
        BUTTONS,
        Field("defaultAction", "default_action", DEFAULT_ACTION),
        Field("additionalCarouselElementDetails", "additional_carousel_element_details", ANY),
    ),
)

RECEIPT_ELEMENT = Shape(
    interactive.ReceiptElement,
    (
        Field("title", "title", TEXT),
        Field("subtitle", "subtitle", TEXT),
        Field("quantity", "quantity", INT64, absence=Absence.ZERO),
        Field("price", "price", INT64, absence=Absence.ZERO),
        Field("currency", "currency", TEXT),
        Field("imageUrl", "image_url", TEXT),
    ),
)
RECEIPT_ADDRESS = Shape(
    interactive.ReceiptAddress,
    (
        Field("street1", "street1", TEXT),
        Field("street2", "street2", TEXT),
        Field("city", "city", TEXT),
        Field("postalCode", "postal_code", TEXT),
        Field("state", "state", TEXT),
        Field("country", "country", TEXT),
    ),
)
RECEIPT_SUMMARY = Shape(
    interactive.ReceiptSummary,
    (
        Field("subtotal", "subtotal", INT64, absence=Absence.ZERO),
        Field("shippingCost", "shipping_cost", INT64, absence=Absence.ZERO),
        Field("totalTax", "total_tax", INT64, absence=Absence.ZERO),
        Field("totalCost", "total_cost", INT64, absence=Absence.ZERO),
    ),
)
RECEIPT_ADJUSTMENT = Shape(
    interactive.ReceiptAdjustment,
    (
        Field("name", "name", TEXT),
        Field("amount", "amount", INT64, absence=Absence.ZERO),
    ),
)

TEMPLATE_LANGUAGE = Shape(
    interactive.TemplateLanguage,
    (
        Field("code", "code", TEXT, rule=Rule.NOT_BLANK),
        Field("policy", "policy", TEXT, rule=Rule.NOT_BLANK),
    ),
)
TEMPLATE_PARAMETER = Shape(
    interactive.TemplateParameter,
    (
        Field("parameterType", "parameter_type", enum(interactive.TemplateParameterType.DESCRIPTOR, spell=str.lower)),
        Field("additionalParameterDetails", "additional_parameter_details", ANY),
    ),
)
TEMPLATE_COMPONENT = Shape(
    interactive.TemplateComponent,
    (
        Field("type", "component_type", enum(interactive.TemplateComponentType.DESCRIPTOR, spell=str.lower)),
        Field("additionalComponentDetails", "additional_component_details", ANY),
        Field("parameters", "parameters", TEMPLATE_PARAMETER, repeated=True),
    ),
)

FORM_SENTIMENT = Shape(
    activity.FormSentiment,
    (
        Field("result", "result", TEXT),
        Field("color", "color", TEXT),
    ),
)
