"""`/_sandbox/…`: the director's side over HTTP, for processes that cannot reach into the sandbox.

JSON in, JSON out; a missing key, a wrong value or an unknown id is answered 400 with the reason. Secrets go in and
never come out, but for the token of a page that is created without one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from messenger_sandbox import control_media, handover
from messenger_sandbox.direction import Direction, Director
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.events.body_variants import VARIANTS
from messenger_sandbox.events.forms import FORMS
from messenger_sandbox.fault_rules import read_rule
from messenger_sandbox.faults import FAULTS
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.pages import PageHandle
from messenger_sandbox.people import ACTS, PersonHandle
from messenger_sandbox.state import SandboxState
from messenger_sandbox.threads import PAGE_INBOX_APP_ID, Routing
from messenger_sandbox.usage import Usage
from messenger_sandbox.world import RECEIPTS, Page, Person

PREFIX: Final = "/_sandbox"


async def list_pages(direction: Direction) -> dict[str, Any]:
    return {"pages": [_page(page) for page in direction.state.world.pages]}


async def create_page(direction: Direction) -> dict[str, Any]:
    """`page_id`, `token`, `name`, `subscribed_fields`, `scopes`, and all that can be changed later: all optional."""
    body, ids = direction.body, direction.state.ids
    given = _changes(body) | {name: frozenset(body[name]) for name in ("subscribed_fields", "scopes") if name in body}
    given.pop("token", None)
    token = body.get("token") or ids.page_token()
    page = Page(page_id=body.get("page_id") or ids.page_id(), token=token, **given)
    direction.state.world.put_page(page)
    return _page(page) | ({} if body.get("token") else {"access_token": token})


async def change_page(direction: Direction) -> dict[str, Any]:
    """As `PAGE_KEYS` reads them: only what is given changes."""
    return _page(direction.state.world.change_page(direction.path["page_id"], **_changes(direction.body)))


async def list_people(direction: Direction) -> dict[str, Any]:
    return {"people": [_person(person) for person in direction.state.world.people]}


async def create_person(direction: Direction) -> dict[str, Any]:
    """`page_id`; optional `psid` and the other fields of a person."""
    body = direction.body
    known = {name: value for name, value in body.items() if name in Person.__dataclass_fields__}
    return _person(direction.state.world.put_person(Person(**{"psid": direction.state.ids.psid(), **known})))


async def act(direction: Direction) -> dict[str, Any]:
    """Lets a person act; with `"wait": true` the answer comes when the webhook is through."""
    person = PersonHandle(direction.state, direction.path["psid"])
    delivery = ACTS[direction.path["act"]](person, direction.body)
    outcome = (await delivery).value if direction.body.get("wait") else None
    return {"mid": delivery.mid, "outcome": outcome}


async def happen(direction: Direction) -> dict[str, Any]:
    """Lets something happen to a page: `form`; optional `variants`, `changes`, and `wait` as for acts."""
    body = direction.body
    page = PageHandle(direction.state, direction.path["page_id"])
    delivery = page.does(body["form"], variants=body.get("variants", ()), **body.get("changes", {}))
    return {"outcome": (await delivery).value if body.get("wait") else None}


async def list_forms(_: Direction) -> dict[str, Any]:
    """What `does` may play, and in which odd ways."""
    return {"forms": sorted(FORMS), "variants": sorted(VARIANTS)}


async def seen(direction: Direction) -> dict[str, Any]:
    return {"seen": list(PersonHandle(direction.state, direction.path["psid"]).saw)}


async def thread(direction: Direction) -> dict[str, Any]:
    """Another app passes, takes, requests or releases the thread: `how`, `app_id` (the Page inbox), `metadata`.

    `pass` gives it to `app_id`, by default to the sandbox's own app.
    """
    state, psid, body = direction.state, direction.path["psid"], direction.body
    how, metadata = body["how"], body.get("metadata")
    if how == "release":
        handover.releases(state, psid)
    else:
        usual = state.world.app.app_id if how == "pass" else PAGE_INBOX_APP_ID
        HANDOVERS[how](state, psid, str(body.get("app_id", usual)), metadata=metadata)
    return {"owner": handover.owner_of(state, psid)}


HANDOVERS: Final = {"pass": handover.passes, "take": handover.takes, "request": handover.requests}


async def profile_calls(direction: Direction) -> dict[str, Any]:
    """How often the profile was asked for, and how many of the calls ran side by side."""
    psid, profiles = direction.path["psid"], direction.state.profiles
    return {"calls": profiles.count(psid), "most_at_once": profiles.most_at_once(psid)}


async def handshake(direction: Direction) -> dict[str, Any]:
    """`callback_url`, `verify_token`: both optional."""
    body = direction.body
    result = await direction.state.handshake(body.get("callback_url"), verify_token=body.get("verify_token"))
    return {"verified": result.verified, "status": result.status}


async def read_journal(direction: Direction) -> dict[str, Any]:
    """`after`, `kind`, `page_id`, `psid` in the query."""
    query = direction.query
    chosen = Filter(
        after=int(query.get("after", "0")),
        kind=EntryKind(query["kind"]) if "kind" in query else None,
        page_id=query.get("page_id"),
        psid=query.get("psid"),
    )
    journal = direction.state.journal
    return {"entries": [entry.as_json() for entry in journal.entries(chosen)], "last_seq": journal.last_seq}


async def advance_clock(direction: Direction) -> dict[str, Any]:
    return {"now_ms": direction.state.advance_clock(float(direction.body["seconds"]))}


async def list_faults(direction: Direction) -> dict[str, Any]:
    waiting = [
        {
            "name": fault.name,
            "endpoint": fault.endpoint,
            "page_id": fault.page_id,
            "psid": fault.psid,
            "times": fault.times,
        }
        for fault in direction.state.faults.waiting
    ]
    return {"waiting": waiting, "known": sorted(FAULTS)}


async def script_fault(direction: Direction) -> dict[str, Any]:
    """One rule, as `fault_rules` reads it."""
    direction.state.script_fault(read_rule(dict(direction.body)))
    return await list_faults(direction)


async def clear_faults(direction: Direction) -> dict[str, Any]:
    direction.state.faults.clear()
    return await list_faults(direction)


async def hold_webhooks(direction: Direction) -> dict[str, Any]:
    direction.state.sender.hold()
    return {}


async def release_webhooks(direction: Direction) -> dict[str, Any]:
    """`order`: positions of the held events (default: as they came); `batch`: all in one body.

    `copies`: all in one body that is posted so many times at once; the answer then lists the `statuses`.
    """
    sender, order = direction.state.sender, direction.body.get("order")
    if "copies" in direction.body:
        return {"statuses": await sender.release_copies(int(direction.body["copies"]), order)}
    if direction.body.get("batch"):
        batch = sender.release_as_batch(order)
        return {"released": 0 if batch is None else len(batch.events)}
    return {"released": len(sender.release(order))}


async def settle_webhooks(direction: Direction) -> dict[str, Any]:
    await direction.state.sender.settle()
    return {}


DIRECTIONS: Final[tuple[tuple[str, str, Director], ...]] = (
    ("GET", "/pages", list_pages),
    ("POST", "/pages", create_page),
    ("PATCH", "/pages/{page_id}", change_page),
    ("POST", "/pages/{page_id}/does", happen),
    ("GET", "/forms", list_forms),
    ("GET", "/people", list_people),
    ("POST", "/people", create_person),
    ("GET", "/people/{psid}/seen", seen),
    ("GET", "/people/{psid}/profile_calls", profile_calls),
    ("POST", "/people/{psid}/thread", thread),
    ("POST", "/people/{psid}/{act}", act),
    ("POST", "/handshake", handshake),
    ("GET", "/journal", read_journal),
    ("POST", "/clock/advance", advance_clock),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", script_fault),
    ("DELETE", "/faults", clear_faults),
    ("POST", "/webhooks/hold", hold_webhooks),
    ("POST", "/webhooks/release", release_webhooks),
    ("POST", "/webhooks/settle", settle_webhooks),
    ("GET", "/media", control_media.list_media),
    ("POST", "/media", control_media.put_media),
    ("POST", "/media/{asset}/fault", control_media.spoil_media),
    ("DELETE", "/media/{asset}/fault", control_media.mend_media),
    ("GET", "/media/fetches", control_media.list_fetches),
)


def control_mount(state: SandboxState) -> Mount:
    """Everything below the prefix, also what does not exist there: no such path may fall through to the Graph API."""
    routes = [Route(path, _endpoint(state, direct), methods=[method]) for method, path, direct in DIRECTIONS]
    return Mount(PREFIX, routes=routes)


def _endpoint(state: SandboxState, direct: Director) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = _json_object(await request.body())
            path, query = request.path_params, dict(request.query_params)
            return JSONResponse(await direct(Direction(state=state, path=path, query=query, body=body)))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return endpoint


def _json_object(body: bytes) -> dict[str, Any]:
    value = orjson.loads(body or b"{}")
    if not isinstance(value, dict):
        raise TypeError("the body must be a JSON object")
    return value


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read(body[name]) for name, read in PAGE_KEYS.items() if name in body}


def _routing(value: Any) -> Routing | None:
    if value is None:
        return None
    return Routing(
        default_app_id=str(value["default_app_id"]),
        may_take=bool(value.get("may_take", True)),
        other_apps=frozenset(value.get("other_apps", ())),
    )


def _receipts(value: Any) -> frozenset[str]:
    if unknown := set(value) - RECEIPTS:
        raise ValueError(f"receipts: there is no {', '.join(sorted(unknown))}; known are {', '.join(sorted(RECEIPTS))}")
    return frozenset(value)


PAGE_KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "token": str,
    "name": str,
    "human_agent": bool,
    "token_fault": lambda value: None if value is None else ErrorName(value),
    "routing": _routing,
    "receipts": _receipts,
    "usage": lambda value: Usage(**value),
}
"""`token_fault` is the name of an error, null for a good token; `routing` null for none."""


def _page(page: Page) -> dict[str, Any]:
    """A page without its token."""
    return {
        "page_id": page.page_id,
        "name": page.name,
        "subscribed_fields": sorted(page.subscribed_fields),
        "scopes": sorted(page.scopes),
        "human_agent": page.human_agent,
        "token_fault": page.token_fault,
        "routing": None if page.routing is None else page.routing.default_app_id,
        "receipts": sorted(page.receipts),
    }


def _person(person: Person) -> dict[str, Any]:
    return {"psid": person.psid, "page_id": person.page_id, "name": person.name}
