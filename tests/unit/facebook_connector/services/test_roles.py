from __future__ import annotations

import pytest
from google.protobuf.descriptor import FileDescriptor
from grpc_channelz.v1 import channelz_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from expertflow.connector.v1 import (
    channel_service_pb2,
    connector_service_pb2,
    ingest_service_pb2,
    media_service_pb2,
    operations_service_pb2,
    thread_service_pb2,
)
from facebook_connector.errors import ConnectorError
from facebook_connector.services.roles import ANSWERS_WITH_SECRETS, ROLES_OF_METHOD, Guard, require_safe_transport
from facebook_connector.settings import Role, Token

SERVICES: tuple[FileDescriptor, ...] = (
    channel_service_pb2.DESCRIPTOR,
    connector_service_pb2.DESCRIPTOR,
    ingest_service_pb2.DESCRIPTOR,
    media_service_pb2.DESCRIPTOR,
    operations_service_pb2.DESCRIPTOR,
    thread_service_pb2.DESCRIPTOR,
    health_pb2.DESCRIPTOR,
    reflection_pb2.DESCRIPTOR,
    channelz_pb2.DESCRIPTOR,
)

SEND = "/expertflow.connector.v1.ConnectorService/SendMessage"
READ_MEDIA = "/expertflow.connector.v1.MediaService/ReadMedia"
CREATE = "/expertflow.connector.v1.ChannelService/CreateChannel"
KEYS = "/expertflow.connector.v1.IngestService/ListWebhookKeys"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
HEALTH = "/grpc.health.v1.Health/Check"

GUARD = Guard(
    {
        Role.CCM: (Token(name="ccm", value="ccm-token"), Token(name="ccm", value="second-ccm-token")),
        Role.GATEWAY: (Token(name="gateway", value="gateway-token"),),
        Role.OPERATOR: (Token(name="anna", value="anna-token"), Token(name="both", value="ccm-token")),
    }
)


def refusal(method: str, authorization: str, guard: Guard = GUARD) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        guard.admit(method, authorization)
    return raised.value


def test_the_table_names_every_method_of_every_service() -> None:
    methods = {
        f"/{service.full_name}/{method.name}"
        for file in SERVICES
        for service in file.services_by_name.values()
        for method in service.methods
    }

    assert ROLES_OF_METHOD.keys() == methods


def test_calls_that_answer_with_secrets_are_in_the_table() -> None:
    assert ROLES_OF_METHOD.keys() >= ANSWERS_WITH_SECRETS


def test_a_token_opens_the_calls_of_its_role() -> None:
    assert GUARD.admit(CREATE, "Bearer anna-token").name == "anna"
    assert GUARD.admit(SEND, "bearer second-ccm-token").name == "ccm"


def test_one_of_several_roles_is_enough() -> None:
    assert GUARD.admit(READ_MEDIA, "Bearer gateway-token").name == "gateway"
    assert GUARD.admit(READ_MEDIA, "Bearer ccm-token").name == "ccm"


def test_a_token_may_have_several_roles() -> None:
    assert GUARD.admit(SEND, "Bearer ccm-token").roles == {Role.CCM, Role.OPERATOR}
    assert GUARD.admit(CREATE, "Bearer ccm-token").roles == {Role.CCM, Role.OPERATOR}


@pytest.mark.parametrize("authorization", ["", "ccm-token", "Basic ccm-token"])
def test_without_a_bearer_token(authorization: str) -> None:
    error = refusal(SEND, authorization)

    assert (error.reason, error.status) == ("TOKEN_MISSING", "UNAUTHENTICATED")
    assert error.metadata == {"method": "SendMessage"}


@pytest.mark.parametrize("token", ["", "canary", "ccm-toke", "ccm-token2"])
def test_a_wrong_token(token: str) -> None:
    error = refusal(SEND, f"Bearer {token}")

    assert (error.reason, error.status) == ("TOKEN_INVALID", "UNAUTHENTICATED")
    assert "canary" not in error.message + str(error.metadata)


def test_a_token_of_another_role() -> None:
    error = refusal(CREATE, "Bearer gateway-token")

    assert (error.reason, error.status) == ("ROLE_REQUIRED", "PERMISSION_DENIED")
    assert error.metadata == {"method": "CreateChannel", "role": "operator"}


@pytest.mark.parametrize(
    ("token", "name"), [("second-ccm-token", "ccm"), ("gateway-token", "gateway"), ("anna-token", "anna")]
)
def test_every_token_may_read_the_services_descriptions(token: str, name: str) -> None:
    assert GUARD.admit(REFLECTION, f"Bearer {token}").name == name


def test_the_services_descriptions_need_a_token() -> None:
    assert refusal(REFLECTION, "").reason == "TOKEN_MISSING"


def test_health_needs_no_token() -> None:
    assert GUARD.admit(HEALTH, "").name == "anonymous"


def test_without_tokens_everybody_may_call_everything() -> None:
    guard = Guard(dict.fromkeys(Role, ()))

    assert guard.open
    assert all(guard.admit(method, "").name == "anonymous" for method in ROLES_OF_METHOD)


@pytest.mark.parametrize("guard", [GUARD, Guard({})], ids=["tokens", "no tokens"])
def test_a_method_outside_the_table_is_refused(guard: Guard) -> None:
    assert refusal("/other.Service/Method", "Bearer ccm-token", guard).reason == "ROLE_REQUIRED"


@pytest.mark.parametrize(
    ("method", "peer", "encrypted"),
    [
        (KEYS, "ipv4:127.0.0.1:4711", False),
        (KEYS, "ipv6:%5B::1%5D:4711", False),
        (KEYS, "unix:/run/connector.sock", False),
        (KEYS, "ipv4:192.0.2.7:4711", True),
        (SEND, "ipv4:192.0.2.7:4711", False),
    ],
)
def test_secrets_are_answered_over_tls_or_on_this_machine(method: str, peer: str, encrypted: bool) -> None:
    require_safe_transport(method, peer, encrypted=encrypted)


@pytest.mark.parametrize("peer", ["ipv4:192.0.2.7:127", "ipv6:%5B2001:db8::1%5D:4711", ""])
def test_secrets_never_leave_the_machine_in_the_clear(peer: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        require_safe_transport(KEYS, peer, encrypted=False)

    assert (raised.value.reason, raised.value.metadata) == ("TRANSPORT_NOT_SECURE", {"method": "ListWebhookKeys"})
