"""What happens to a page, as a test or the control endpoint directs it: comments, warnings, restrictions, roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.emission import emit_of_page
from messenger_sandbox.events.forms import FORMS, kind_of, manner_of
from messenger_sandbox.events.setting import Setting
from messenger_sandbox.state import SandboxState


class PageHandle:
    """One page. Each happening returns its delivery, which may be awaited."""

    def __init__(self, state: SandboxState, page_id: str) -> None:
        """Raises KeyError for an unknown page."""
        self.page = state.world.page(page_id)
        self._state = state

    def does(self, form: str, *, variants: Sequence[str] = (), **changes: Any) -> Delivery:
        """Lets an event of this form happen, with details changed and in odd ways if asked for.

        Raises KeyError for an unknown form, ValueError for an unknown variant or a form that needs a person.
        """
        manner = manner_of(form).with_more(variants)
        details = FORMS[form](self._setting()) | changes
        return emit_of_page(self._state, self.page.page_id, kind_of(form), details, manner)

    def _setting(self) -> Setting:
        return Setting(
            mid=self._state.ids.mid(),
            own_mid=self._state.ids.mid(),
            page_mid=self._state.ids.mid(),
            page_id=self.page.page_id,
            app_id=self._state.world.app.app_id,
            at_ms=self._state.clock(),
            media=lambda kind: self._state.media.put(kind).url,
        )
