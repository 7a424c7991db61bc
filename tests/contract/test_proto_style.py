"""The rules of the protos that buf cannot check: what comments promise, which calls exist, which names are unusable.

The subject is the .proto files themselves, compiled to descriptors with their comments; no generated code is imported.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

PROTO_ROOT = Path(__file__).parents[2] / "proto"
CONNECTOR = "expertflow.connector.v1"
DOMAIN = "facebook-connector.expertflow"

UNARY, CLIENT_STREAM, SERVER_STREAM, BIDI = (False, False), (True, False), (False, True), (True, True)
RPCS: Mapping[str, Mapping[str, tuple[bool, bool]]] = {
    "ConnectorService": {
        "SendMessage": UNARY,
        "SendMessages": BIDI,
        "GetMessage": UNARY,
        "RetryMessage": UNARY,
        "StreamInbound": BIDI,
        "PullInbound": UNARY,
        "Acknowledge": UNARY,
        "ModifyAckDeadline": UNARY,
    },
    "MediaService": {"ReadMedia": SERVER_STREAM, "WriteMedia": CLIENT_STREAM},
    "ThreadService": {
        "GetThreadOwner": UNARY,
        "TakeThreadControl": UNARY,
        "PassThreadControl": UNARY,
        "ReleaseThreadControl": UNARY,
        "RequestThreadControl": UNARY,
        "ExtendThreadControl": UNARY,
    },
    "IngestService": {"IngestInbound": UNARY, "ListWebhookKeys": UNARY},
    "ChannelService": {
        "CreateChannel": UNARY,
        "GetChannel": UNARY,
        "ListChannels": UNARY,
        "UpdateChannel": UNARY,
        "DeleteChannel": UNARY,
        "SubscribeChannel": UNARY,
        "CheckChannel": UNARY,
        "GetMessengerProfile": UNARY,
        "UpdateMessengerProfile": UNARY,
    },
    "OperationsService": {
        "CreateSubscription": UNARY,
        "ListSubscriptions": UNARY,
        "DeleteSubscription": UNARY,
        "ListQuarantine": UNARY,
        "Retranslate": UNARY,
        "ListDeadLetters": UNARY,
        "RedriveDeadLetters": UNARY,
        "DiscardDeadLetters": UNARY,
        "ReplayInbound": UNARY,
        "CancelMessages": UNARY,
        "ResolveMessage": UNARY,
        "EraseCustomer": UNARY,
        "GetStatistics": UNARY,
        "ListAuditEvents": UNARY,
    },
}
ROLES = {
    "ConnectorService": {"ccm"},
    "MediaService": {"ccm", "gateway"},
    "ThreadService": {"ccm"},
    "IngestService": {"gateway"},
    "ChannelService": {"operator"},
    "OperationsService": {"operator"},
}
OPERATOR_SERVICES = {name for name, roles in ROLES.items() if "operator" in roles}
READING_VERBS = ("Get", "List", "Check")

JAVA = """
    abstract assert boolean break byte case catch char class const continue default do double else enum extends final
    finally float for goto if implements import instanceof int interface long native new package private protected
    public return short static strictfp super switch synchronized this throw throws transient try void volatile while
    true false null
"""
# `type` is missing: it is CIM's and Facebook's own word, and generated Go code writes it with a capital letter.
GO = """
    break case chan const continue default defer else fallthrough for func go goto if import interface map package
    range return select struct switch var
"""
TYPESCRIPT = """
    break case catch class const continue debugger default delete do else enum export extends false finally for
    function if import in instanceof new null return super switch this throw true try typeof var void while with
    implements interface let package private protected public static yield from
"""
PYTHON = """
    and as assert async await break class continue def del elif else except finally for from global if import in is
    lambda nonlocal not or pass raise return try while with yield
"""
KEYWORDS = frozenset(f"{JAVA} {GO} {TYPESCRIPT} {PYTHON}".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The compiled files, and the leading comment of every element by its full name."""

    files: tuple[FileDescriptorProto, ...]
    comments: Mapping[str, str]

    def messages(self) -> dict[str, DescriptorProto]:
        found: dict[str, DescriptorProto] = {}
        for file in self.files:
            for message in file.message_type:
                _collect(f"{file.package}.{message.name}", message, found)
        return found

    def fields(self) -> Iterator[tuple[str, FieldDescriptorProto]]:
        for name, message in self.messages().items():
            for field in message.field:
                yield f"{name}.{field.name}", field

    def enums(self) -> Iterator[tuple[str, EnumDescriptorProto]]:
        for file in self.files:
            for enum in file.enum_type:
                yield f"{file.package}.{enum.name}", enum

    def services(self) -> dict[str, ServiceDescriptorProto]:
        return {service.name: service for file in self.files for service in file.service}

    def reachable(self, roots: set[str]) -> set[str]:
        """The connector's own messages that can stand inside one of these."""
        messages = self.messages()
        seen: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name in seen or not name.startswith(CONNECTOR):
                continue
            seen.add(name)
            waiting += [
                field.type_name.lstrip(".") for field in messages[name].field if field.type_name.lstrip(".") in messages
            ]
        return seen

    def requests(self) -> set[str]:
        return self.reachable(
            {rpc.input_type.lstrip(".") for service in self.services().values() for rpc in service.method}
        )

    def responses(self) -> set[str]:
        return self.reachable(
            {rpc.output_type.lstrip(".") for service in self.services().values() for rpc in service.method}
        )


def _collect(name: str, message: DescriptorProto, found: dict[str, DescriptorProto]) -> None:
    if message.options.map_entry:
        return
    found[name] = message
    for nested in message.nested_type:
        _collect(f"{name}.{nested.name}", nested, found)


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        if location.HasField("leading_comments"):
            yield _name_at(file, tuple(location.path)), location.leading_comments


def _name_at(file: FileDescriptorProto, path: tuple[int, ...]) -> str:
    """Full name of the element at a path of `SourceCodeInfo`: pairs of field number and index, from the file down."""
    element: object = file
    names = [file.package]
    for number, index in zip(path[::2], path[1::2], strict=False):
        descriptor = element.DESCRIPTOR  # type: ignore[attr-defined]
        element = getattr(element, descriptor.fields_by_number[number].name)[index]
        names.append(element.name)  # type: ignore[attr-defined]
    return ".".join(names)


@pytest.fixture(scope="session")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    target = tmp_path_factory.mktemp("descriptors") / "contract.binpb"
    sources = sorted(str(path.relative_to(PROTO_ROOT)) for path in PROTO_ROOT.rglob("*.proto"))
    options = ["--include_source_info", f"--descriptor_set_out={target}", f"-I{PROTO_ROOT}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *options, *sources], cwd=PROTO_ROOT, check=True)
    files = tuple(FileDescriptorSet.FromString(target.read_bytes()).file)
    return Contract(files=files, comments={name: text for file in files for name, text in _comments(file)})


def test_every_rpc_of_the_contract_exists_and_streams_as_agreed(contract: Contract) -> None:
    found = {
        service.name: {rpc.name: (rpc.client_streaming, rpc.server_streaming) for rpc in service.method}
        for service in contract.services().values()
    }
    assert found == RPCS


def test_each_service_has_a_file_of_its_own(contract: Contract) -> None:
    for file in contract.files:
        expected = [file.name.rsplit("/", 1)[-1].removesuffix(".proto")] if file.service else []
        assert [re.sub(r"(?<!^)(?=[A-Z])", "_", service.name).lower() for service in file.service] == expected


@pytest.mark.parametrize(("service", "roles"), ROLES.items())
def test_service_comment_names_the_roles(contract: Contract, service: str, roles: set[str]) -> None:
    comment = contract.comments[f"{CONNECTOR}.{service}"]
    sentence = re.search(r"Roles?: (.*?)\. ", comment.replace("\n", " "))
    assert sentence is not None
    assert set(re.findall(r"`([a-z]+)`", sentence[1])) == roles


def test_every_file_sets_the_options_of_all_languages(contract: Contract) -> None:
    for file in contract.files:
        _, area, version = file.package.split(".")
        assert file.options.java_multiple_files, file.name
        assert file.options.java_package == f"com.expertflow.{area}.{version}"
        assert file.options.csharp_namespace == f"Expertflow.{area.capitalize()}.{version.upper()}"
        folder = file.package.replace(".", "/")
        assert file.options.go_package == f"github.com/expertflow/facebook-connector/gen/go/{folder};{area}{version}"


def test_nothing_outside_this_folder_and_protobuf_is_imported(contract: Contract) -> None:
    foreign = {
        (file.name, name)
        for file in contract.files
        for name in file.dependency
        if not name.startswith(("google/protobuf/", "expertflow/"))
    }
    assert not foreign


def test_no_field_is_named_like_a_keyword(contract: Contract) -> None:
    assert not {name for name, field in contract.fields() if field.name in KEYWORDS}


def test_request_fields_say_who_sets_them(contract: Contract) -> None:
    requests = contract.requests()
    unclear = {
        name
        for name, _ in contract.fields()
        if name.rpartition(".")[0] in requests
        and not contract.comments.get(name, "").startswith((" Required. ", " Optional. ", " Output only. "))
    }
    assert not unclear


def test_fields_of_responses_are_output_only(contract: Contract) -> None:
    only_responses = contract.responses() - contract.requests()
    unclear = {
        name
        for name, _ in contract.fields()
        if name.rpartition(".")[0] in only_responses
        and not contract.comments.get(name, "").startswith(" Output only. ")
    }
    assert not unclear


def test_every_message_of_the_connector_belongs_to_a_call(contract: Contract) -> None:
    own = {name for name in contract.messages() if name.startswith(CONNECTOR)}
    assert own == contract.requests() | contract.responses()


def test_zero_of_every_enum_says_that_it_is_never_sent(contract: Contract) -> None:
    wrong = {
        name
        for name, enum in contract.enums()
        if name.startswith(CONNECTOR)
        and not contract.comments[f"{name}.{enum.value[0].name}"].startswith(" Never sent")
    }
    assert not wrong


def test_changing_calls_of_operators_carry_a_request_id(contract: Contract) -> None:
    messages = contract.messages()
    without = {
        rpc.name
        for service in contract.services().values()
        if service.name in OPERATOR_SERVICES
        for rpc in service.method
        if not rpc.name.startswith(READING_VERBS)
        and "request_id" not in {field.name for field in messages[rpc.input_type.lstrip(".")].field}
    }
    assert not without


def test_lists_are_paginated(contract: Contract) -> None:
    messages = contract.messages()
    for service in contract.services().values():
        for rpc in service.method:
            if not rpc.name.startswith("List") or service.name not in OPERATOR_SERVICES:
                continue
            request = {field.name for field in messages[rpc.input_type.lstrip(".")].field}
            response = {field.name for field in messages[rpc.output_type.lstrip(".")].field}
            assert {"page_size", "page_token"} <= request, rpc.name
            assert "next_page_token" in response, rpc.name


def test_secrets_stand_in_no_answer_but_that_for_the_gateway(contract: Contract) -> None:
    secret = re.compile(r"^(page_access_token|app_secrets|verify_tokens?)$")
    bearers = {name.rpartition(".")[0] for name, field in contract.fields() if secret.match(field.name)}
    answered = {name.rpartition(".")[2] for name in bearers & contract.responses()}
    assert answered == {"WebhookApp", "VerifyToken"}


def test_every_error_reason_shows_a_sample_of_its_error_info(contract: Contract) -> None:
    name, enum = next(pair for pair in contract.enums() if pair[1].name == "ErrorReason")
    for value in enum.value[1:]:
        comment = contract.comments[f"{name}.{value.name}"]
        assert re.match(r" Status `[A-Z_]+`\. ", comment), value.name
        sample, _ = json.JSONDecoder().raw_decode(comment[comment.index('{"reason"') :])
        assert set(sample) == {"reason", "domain", "metadata"}
        assert sample["reason"] == value.name.removeprefix("ERROR_REASON_")
        assert sample["domain"] == DOMAIN
        assert all(isinstance(text, str) for text in sample["metadata"].values())


def test_comments_name_only_reasons_that_exist(contract: Contract) -> None:
    enum = next(enum for _, enum in contract.enums() if enum.name == "ErrorReason")
    known = {value.name.removeprefix("ERROR_REASON_") for value in enum.value}
    named = {
        (element, reason)
        for element, comment in contract.comments.items()
        for reason in re.findall(r"reason `([A-Z_]+)`", comment.replace("\n", ""))
    }
    assert not {pair for pair in named if pair[1] not in known}
