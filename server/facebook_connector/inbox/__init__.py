"""The conductors of the inbound side: they carry what `delivery` decides to the store, and its answers back."""

from __future__ import annotations
