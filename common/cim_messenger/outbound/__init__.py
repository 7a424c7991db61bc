"""CIM → Messenger: one CIM message becomes the Send API messages it is made of, or a refusal with its reason."""

from __future__ import annotations

from cim_messenger.outbound.render import render
from cim_messenger.outbound.values import Part, Quote, Refusal, Rendered, Result, Rules, Warned

__all__ = ["Part", "Quote", "Refusal", "Rendered", "Result", "Rules", "Warned", "render"]
