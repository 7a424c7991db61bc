from expertflow.cim.v1 import json_pb2 as _json_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ButtonMessageType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUTTON_MESSAGE_TYPE_UNSPECIFIED: _ClassVar[ButtonMessageType]
    BUTTON_MESSAGE_TYPE_BUTTON: _ClassVar[ButtonMessageType]
    BUTTON_MESSAGE_TYPE_QUICK_REPLIES: _ClassVar[ButtonMessageType]

class CarouselMessageType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAROUSEL_MESSAGE_TYPE_UNSPECIFIED: _ClassVar[CarouselMessageType]
    CAROUSEL_MESSAGE_TYPE_MEDIA: _ClassVar[CarouselMessageType]
    CAROUSEL_MESSAGE_TYPE_GENERIC_RICH_MEDIA: _ClassVar[CarouselMessageType]

class TemplateComponentType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEMPLATE_COMPONENT_TYPE_UNSPECIFIED: _ClassVar[TemplateComponentType]
    TEMPLATE_COMPONENT_TYPE_HEADER: _ClassVar[TemplateComponentType]
    TEMPLATE_COMPONENT_TYPE_BODY: _ClassVar[TemplateComponentType]
    TEMPLATE_COMPONENT_TYPE_BUTTON: _ClassVar[TemplateComponentType]

class TemplateParameterType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEMPLATE_PARAMETER_TYPE_UNSPECIFIED: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_TEXT: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_CURRENCY: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_DATE_TIME: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_IMAGE: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_DOCUMENT: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_VIDEO: _ClassVar[TemplateParameterType]
    TEMPLATE_PARAMETER_TYPE_PAYLOAD: _ClassVar[TemplateParameterType]
BUTTON_MESSAGE_TYPE_UNSPECIFIED: ButtonMessageType
BUTTON_MESSAGE_TYPE_BUTTON: ButtonMessageType
BUTTON_MESSAGE_TYPE_QUICK_REPLIES: ButtonMessageType
CAROUSEL_MESSAGE_TYPE_UNSPECIFIED: CarouselMessageType
CAROUSEL_MESSAGE_TYPE_MEDIA: CarouselMessageType
CAROUSEL_MESSAGE_TYPE_GENERIC_RICH_MEDIA: CarouselMessageType
TEMPLATE_COMPONENT_TYPE_UNSPECIFIED: TemplateComponentType
TEMPLATE_COMPONENT_TYPE_HEADER: TemplateComponentType
TEMPLATE_COMPONENT_TYPE_BODY: TemplateComponentType
TEMPLATE_COMPONENT_TYPE_BUTTON: TemplateComponentType
TEMPLATE_PARAMETER_TYPE_UNSPECIFIED: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_TEXT: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_CURRENCY: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_DATE_TIME: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_IMAGE: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_DOCUMENT: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_VIDEO: TemplateParameterType
TEMPLATE_PARAMETER_TYPE_PAYLOAD: TemplateParameterType

class ButtonBody(_message.Message):
    __slots__ = ("button_message_type", "buttons", "additional_details")
    BUTTON_MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    button_message_type: ButtonMessageType
    buttons: _containers.RepeatedCompositeFieldContainer[Button]
    additional_details: _json_pb2.Json
    def __init__(self, button_message_type: _Optional[_Union[ButtonMessageType, str]] = ..., buttons: _Optional[_Iterable[_Union[Button, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Button(_message.Message):
    __slots__ = ("title", "payload", "button_type", "additional_button_details", "extras")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    BUTTON_TYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_BUTTON_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    title: str
    payload: str
    button_type: str
    additional_button_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, title: _Optional[str] = ..., payload: _Optional[str] = ..., button_type: _Optional[str] = ..., additional_button_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class CarouselBody(_message.Message):
    __slots__ = ("carousel_message_type", "elements", "additional_details")
    CAROUSEL_MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    carousel_message_type: CarouselMessageType
    elements: _containers.RepeatedCompositeFieldContainer[CarouselElement]
    additional_details: _json_pb2.Json
    def __init__(self, carousel_message_type: _Optional[_Union[CarouselMessageType, str]] = ..., elements: _Optional[_Iterable[_Union[CarouselElement, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class CarouselElement(_message.Message):
    __slots__ = ("text", "url", "buttons", "default_action", "additional_carousel_element_details", "extras")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_ACTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_CAROUSEL_ELEMENT_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    text: str
    url: str
    buttons: _containers.RepeatedCompositeFieldContainer[Button]
    default_action: DefaultAction
    additional_carousel_element_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, text: _Optional[str] = ..., url: _Optional[str] = ..., buttons: _Optional[_Iterable[_Union[Button, _Mapping]]] = ..., default_action: _Optional[_Union[DefaultAction, _Mapping]] = ..., additional_carousel_element_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class DefaultAction(_message.Message):
    __slots__ = ("action_type", "url", "extras")
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    action_type: str
    url: str
    extras: _json_pb2.Json
    def __init__(self, action_type: _Optional[str] = ..., url: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ReceiptBody(_message.Message):
    __slots__ = ("template_type", "sharable", "recipient_name", "merchant_name", "order_number", "currency", "payment_method", "timestamp_text", "elements", "address", "summary", "adjustments", "additional_details")
    TEMPLATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHARABLE_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    MERCHANT_NAME_FIELD_NUMBER: _ClassVar[int]
    ORDER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_TEXT_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    template_type: str
    sharable: bool
    recipient_name: str
    merchant_name: str
    order_number: str
    currency: str
    payment_method: str
    timestamp_text: str
    elements: _containers.RepeatedCompositeFieldContainer[ReceiptElement]
    address: ReceiptAddress
    summary: ReceiptSummary
    adjustments: _containers.RepeatedCompositeFieldContainer[ReceiptAdjustment]
    additional_details: _json_pb2.Json
    def __init__(self, template_type: _Optional[str] = ..., sharable: _Optional[bool] = ..., recipient_name: _Optional[str] = ..., merchant_name: _Optional[str] = ..., order_number: _Optional[str] = ..., currency: _Optional[str] = ..., payment_method: _Optional[str] = ..., timestamp_text: _Optional[str] = ..., elements: _Optional[_Iterable[_Union[ReceiptElement, _Mapping]]] = ..., address: _Optional[_Union[ReceiptAddress, _Mapping]] = ..., summary: _Optional[_Union[ReceiptSummary, _Mapping]] = ..., adjustments: _Optional[_Iterable[_Union[ReceiptAdjustment, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ReceiptElement(_message.Message):
    __slots__ = ("title", "subtitle", "quantity", "price", "currency", "image_url", "extras")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUBTITLE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    title: str
    subtitle: str
    quantity: int
    price: int
    currency: str
    image_url: str
    extras: _json_pb2.Json
    def __init__(self, title: _Optional[str] = ..., subtitle: _Optional[str] = ..., quantity: _Optional[int] = ..., price: _Optional[int] = ..., currency: _Optional[str] = ..., image_url: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ReceiptAddress(_message.Message):
    __slots__ = ("street1", "street2", "city", "postal_code", "state", "country", "extras")
    STREET1_FIELD_NUMBER: _ClassVar[int]
    STREET2_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    street1: str
    street2: str
    city: str
    postal_code: str
    state: str
    country: str
    extras: _json_pb2.Json
    def __init__(self, street1: _Optional[str] = ..., street2: _Optional[str] = ..., city: _Optional[str] = ..., postal_code: _Optional[str] = ..., state: _Optional[str] = ..., country: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ReceiptSummary(_message.Message):
    __slots__ = ("subtotal", "shipping_cost", "total_tax", "total_cost", "extras")
    SUBTOTAL_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TAX_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COST_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    subtotal: int
    shipping_cost: int
    total_tax: int
    total_cost: int
    extras: _json_pb2.Json
    def __init__(self, subtotal: _Optional[int] = ..., shipping_cost: _Optional[int] = ..., total_tax: _Optional[int] = ..., total_cost: _Optional[int] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ReceiptAdjustment(_message.Message):
    __slots__ = ("name", "amount", "extras")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    name: str
    amount: int
    extras: _json_pb2.Json
    def __init__(self, name: _Optional[str] = ..., amount: _Optional[int] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class TemplateBody(_message.Message):
    __slots__ = ("template_namespace", "name", "language", "components", "additional_details")
    TEMPLATE_NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    template_namespace: str
    name: str
    language: TemplateLanguage
    components: _containers.RepeatedCompositeFieldContainer[TemplateComponent]
    additional_details: _json_pb2.Json
    def __init__(self, template_namespace: _Optional[str] = ..., name: _Optional[str] = ..., language: _Optional[_Union[TemplateLanguage, _Mapping]] = ..., components: _Optional[_Iterable[_Union[TemplateComponent, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class TemplateLanguage(_message.Message):
    __slots__ = ("code", "policy", "extras")
    CODE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    code: str
    policy: str
    extras: _json_pb2.Json
    def __init__(self, code: _Optional[str] = ..., policy: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class TemplateComponent(_message.Message):
    __slots__ = ("component_type", "additional_component_details", "parameters", "extras")
    COMPONENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_COMPONENT_DETAILS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    component_type: TemplateComponentType
    additional_component_details: _json_pb2.Json
    parameters: _containers.RepeatedCompositeFieldContainer[TemplateParameter]
    extras: _json_pb2.Json
    def __init__(self, component_type: _Optional[_Union[TemplateComponentType, str]] = ..., additional_component_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., parameters: _Optional[_Iterable[_Union[TemplateParameter, _Mapping]]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class TemplateParameter(_message.Message):
    __slots__ = ("parameter_type", "additional_parameter_details", "extras")
    PARAMETER_TYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_PARAMETER_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    parameter_type: TemplateParameterType
    additional_parameter_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, parameter_type: _Optional[_Union[TemplateParameterType, str]] = ..., additional_parameter_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
