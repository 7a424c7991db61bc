from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from messenger_sandbox import Person, PersonHandle
from messenger_sandbox.errors import ErrorName
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.graph.endpoint import Edge, handler_of
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import (
    APP_ID,
    APP_SECRET,
    OTHER_PAGE_ID,
    OTHER_TOKEN,
    PAGE_ID,
    PAGE_TOKEN,
    PSID,
)

BEARER = {"Authorization": f"Bearer {PAGE_TOKEN}"}
PROOF = hmac.new(APP_SECRET.encode(), PAGE_TOKEN.encode(), hashlib.sha256).hexdigest()
SEND = {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": "hi"}}
FORM = {name: value if isinstance(value, str) else json.dumps(value) for name, value in SEND.items()}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


def error(answer: httpx.Response) -> tuple[int, int, int | None]:
    inner = answer.json()["error"]
    return answer.status_code, inner["code"], inner.get("error_subcode")


@pytest.mark.parametrize(
    "request_parts",
    [
        pytest.param({"headers": BEARER}, id="header"),
        pytest.param({"headers": {"Authorization": f"bearer {PAGE_TOKEN}"}}, id="header in lower case"),
        pytest.param({"params": {"access_token": PAGE_TOKEN}}, id="query"),
    ],
)
async def test_a_token_is_taken_from_header_or_query(http: httpx.AsyncClient, request_parts: dict[str, Any]) -> None:
    answer = await http.get("/v25.0/me", **request_parts)
    assert answer.json() == {"name": "Sandbox page", "id": PAGE_ID}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {PAGE_TOKEN}"}])
async def test_without_a_good_token_it_is_190(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await http.get("/v25.0/me", headers=headers)
    assert error(answer) == (401, 190, None)
    assert answer.headers["WWW-Authenticate"].startswith('OAuth "Facebook Platform" "invalid_token"')


async def test_a_spoilt_token_is_answered_with_its_fault(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, token_fault=ErrorName.TOKEN_PASSWORD_CHANGED)
    assert error(await http.get("/v25.0/me", headers=BEARER)) == (401, 190, 460)


async def test_another_pages_token_does_not_open_this_page(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"/v25.0/{OTHER_PAGE_ID}/messages", json=SEND, headers=BEARER)
    assert error(answer) == (400, 100, 33)


async def test_the_apps_token_cannot_send(http: httpx.AsyncClient) -> None:
    token = {"Authorization": f"Bearer {APP_ID}|{APP_SECRET}"}
    assert error(await http.post(f"/v25.0/{PAGE_ID}/messages", json=SEND, headers=token)) == (400, 100, 33)


@pytest.mark.parametrize(
    ("proof", "required", "status"),
    [(None, False, 200), (None, True, 400), (PROOF, True, 200), (PROOF, False, 200), ("00", False, 400)],
)
async def test_a_proof_must_be_right_and_may_be_required(
    http: httpx.AsyncClient, state: SandboxState, proof: str | None, status: int, *, required: bool
) -> None:
    state.world.change_app(require_proof=required)
    params = {} if proof is None else {"appsecret_proof": proof}
    answer = await http.get("/v25.0/me", params=params, headers=BEARER)
    assert answer.status_code == status
    if status == 400:
        assert error(answer)[1] == 100


async def test_the_proof_belongs_to_its_token(http: httpx.AsyncClient) -> None:
    params = {"appsecret_proof": PROOF, "access_token": OTHER_TOKEN}
    assert error(await http.get("/v25.0/me", params=params)) == (400, 100, None)


@pytest.mark.parametrize(
    "request_parts",
    [
        pytest.param({"json": SEND, "headers": BEARER}, id="json"),
        pytest.param({"json": SEND | {"access_token": PAGE_TOKEN}}, id="json with the token inside"),
        pytest.param({"content": urlencode(FORM), "headers": BEARER | FORM_TYPE}, id="form"),
        pytest.param({"params": FORM, "headers": BEARER}, id="query"),
        pytest.param({"json": SEND | {"message": '{"text":"hi"}'}, "headers": BEARER}, id="json inside json"),
    ],
)
async def test_parameters_are_read_from_every_place(
    http: httpx.AsyncClient, state: SandboxState, request_parts: dict[str, Any]
) -> None:
    PersonHandle(state, PSID).says("hello")
    answer = await http.post("/v25.0/me/messages", **request_parts)
    assert answer.status_code == 200, answer.text
    assert state.journal.seen_by(PSID) == ("hi",)


@pytest.mark.parametrize(
    "request_parts",
    [
        pytest.param({"content": b"{", "headers": {"Content-Type": "application/json"}}, id="no json"),
        pytest.param({"json": [SEND]}, id="an array"),
        pytest.param({"content": urlencode(FORM | {"message": "hi"}), "headers": FORM_TYPE}, id="no json in a form"),
        pytest.param({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, id="multipart"),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_bad_parameter(
    http: httpx.AsyncClient, request_parts: dict[str, Any]
) -> None:
    answer = await http.post("/v25.0/me/messages", params={"access_token": PAGE_TOKEN}, **request_parts)
    assert error(answer) == (400, 100, None)


@pytest.mark.parametrize(
    "method_and_path", ["GET /v99.0/me", "GET /25/me", "GET /me", "PUT /v25.0/me", "GET /v25.0/me/messages"]
)
async def test_what_is_not_served_gets_an_envelope_too(http: httpx.AsyncClient, method_and_path: str) -> None:
    method, path = method_and_path.split()
    answer = await http.request(method, path, headers=BEARER)
    assert error(answer) == (400, 2500, None)


async def test_a_permission_that_is_missing_is_named(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.change_page(PAGE_ID, scopes=frozenset())
    send = await http.post("/v25.0/me/messages", json=SEND, headers=BEARER)
    fields = await http.get("/v25.0/me/subscribed_apps", headers=BEARER)
    assert (error(send), error(fields)) == ((403, 230, None), (403, 200, None))


async def test_every_answer_names_the_version_that_served_it(http: httpx.AsyncClient) -> None:
    served = [
        (await http.get(f"/{version}/me", headers=BEARER)).headers["facebook-api-version"]
        for version in ("v25.0", "v19.0")
    ]
    assert served == ["v25.0", "v21.0"]


async def test_each_error_has_a_trace_of_its_own(http: httpx.AsyncClient, state: SandboxState) -> None:
    traces = [(await http.get("/v25.0/me")).json()["error"]["fbtrace_id"] for _ in range(2)]
    assert traces == [entry.details["trace_id"] for entry in state.journal.entries()]
    assert traces[0] != traces[1]


async def test_a_room_sees_no_credential(state: SandboxState) -> None:
    seen: list[dict[str, Any]] = []

    async def room(call: GraphCall) -> Answer:
        seen.append(dict(call.params))
        return Answer(body={})

    route = Route(
        "/{version}/spy", handler_of(Edge(path="/spy", method="GET", room=room, endpoint=Endpoint.TOKENS), state)
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=[route]))) as client:
        params = {"access_token": PAGE_TOKEN, "appsecret_proof": PROOF, "fields": "id"}
        await client.get("http://sandbox.test/v25.0/spy", params=params)
    assert seen == [{"fields": "id"}]


async def test_no_credential_reaches_the_journal(http: httpx.AsyncClient, state: SandboxState) -> None:
    state.world.put_person(Person(psid="7001002003004009", page_id=PAGE_ID))
    for _ in range(2):
        await http.post("/v25.0/me/messages", json=SEND | {"access_token": PAGE_TOKEN, "appsecret_proof": PROOF})
        PersonHandle(state, PSID).says("hello")
    await http.get("/v25.0/debug_token", params={"input_token": PAGE_TOKEN, "access_token": f"{APP_ID}|{APP_SECRET}"})
    written = repr([entry.as_json() for entry in state.journal.entries()])
    assert "hello" in written
    assert "canary" not in written
    assert PROOF not in written
