"""Who the people are that write: asked of Facebook beside everything else, once for each person, and kept."""

from __future__ import annotations
