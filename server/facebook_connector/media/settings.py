"""The settings of media: where they are kept, and where they may be fetched from. Part of the server's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from facebook_connector.media.addresses import FACEBOOK_HOSTS, AddressRules, normal_hosts, normal_origin
from facebook_connector.media.file_engine.names import FileEngineLinks
from facebook_connector.sending.media import MAX_BYTES
from service_runtime.calling import fit_for_a_header
from service_runtime.pem import require_certificates
from service_runtime.settings import Settings

MEDIA_SCHEMES: Final = ("s3", "gs", "az", "file", "memory")


class MediaSettings(Settings):
    """What the server can be told about media."""

    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"file_engine_url": "FILE_ENGINE_URL"})

    media_url: str = ""
    """Where media are kept: `s3://bucket/prefix`, `gs://…`, `az://…` or `file:///…`; default: a folder in the data
    folder. Servers on one database need one place for all."""

    file_engine_url: str = ""
    """Expertflow's File Engine, as this server reaches it (`http://ef-cx-file-engine-svc:8080`): what agents send is
    read there. Also `FILE_ENGINE_URL`."""

    file_engine_public_url: str = ""
    """The same as browsers reach it (`https://cx.example.com/file-engine`): links of media begin with it. Default:
    `FBC_FILE_ENGINE_URL`."""

    file_engine_token: SecretStr = SecretStr("")
    """Bearer token for the File Engine, if it is reached through a gateway that asks for one."""

    file_engine_ca: Path | None = None
    """PEM file with the certificates by which the File Engine's certificate is judged; default: the system's."""

    file_engine_max_bytes: int = Field(default=5_000_000, ge=1_000, le=MAX_BYTES)
    """Largest file that the File Engine takes (its `MAXFILESIZE`); a larger one becomes a text with name and size."""

    media_store: Literal["", "own", "file-engine"] = ""
    """Where what customers send is kept: `own` (`FBC_MEDIA_URL`) or `file-engine`. Default: the File Engine if
    `FBC_FILE_ENGINE_URL` is set and `FBC_MEDIA_URL` is not."""

    media_retention: int = Field(default=400, ge=1, le=3650)
    """How many days media are kept."""

    media_workers: int = Field(default=32, ge=1, le=256)
    """Most media that are fetched at the same time; each holds up to 5 MiB in memory."""

    media_hosts: str = ",".join(FACEBOOK_HOSTS)
    """Domains that media are fetched from, with those under them: by https and from public addresses only."""

    media_origins: str = ""
    """Exact origins (`http://127.0.0.1:8090,…`) that media are fetched from besides, also by plain HTTP and from this
    machine or a private network. For the sandbox and for tests."""

    outbound_media_origins: str = ""
    """Exact origins (`https://files.example.com,…`) that media of replies are fetched from, also by plain HTTP and from
    this machine or a private network. Our own links (`FBC_PUBLIC_BASE_URL`) need none.
    """

    @property
    def keeps_in_file_engine(self) -> bool:
        """Whether new media of customers go to the File Engine."""
        if self.media_store:
            return self.media_store == "file-engine"
        return bool(self.file_engine_url) and not self.media_url

    @property
    def file_engine_links(self) -> FileEngineLinks:
        """The File Engine's addresses; of use only with `FBC_FILE_ENGINE_URL`."""
        return FileEngineLinks(url=self.file_engine_url, public_url=self.file_engine_public_url or self.file_engine_url)

    @property
    def media_rules(self) -> AddressRules:
        """Where media may be fetched from."""
        return AddressRules(hosts=normal_hosts(self.media_hosts), origins=frozenset(_origins(self.media_origins)))

    @property
    def outbound_media_rules(self) -> AddressRules:
        """Where media of replies may be fetched from."""
        return AddressRules(hosts=(), origins=frozenset(_origins(self.outbound_media_origins)))

    @field_validator("media_url")
    @classmethod
    def _media_have_a_known_place(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in MEDIA_SCHEMES:
            raise ValueError(f"must begin with one of {', '.join(f'{scheme}://' for scheme in MEDIA_SCHEMES)}")
        return url

    @field_validator("file_engine_url", "file_engine_public_url")
    @classmethod
    def _file_engine_has_an_address(cls, url: str) -> str:
        return http_address(url) if url else url

    @field_validator("file_engine_token")
    @classmethod
    def _file_engine_token_fits_a_header(cls, token: SecretStr) -> SecretStr:
        return fit_for_a_header(token)

    @field_validator("file_engine_ca")
    @classmethod
    def _file_engine_ca_holds_certificates(cls, path: Path | None) -> Path | None:
        if path is not None:
            require_certificates(path)
        return path

    @field_validator("media_store")
    @classmethod
    def _chosen_file_engine_is_known(cls, store: str, info: ValidationInfo) -> str:
        if store == "file-engine" and not info.data.get("file_engine_url"):
            raise ValueError("needs FBC_FILE_ENGINE_URL for file-engine")
        return store

    @field_validator("media_origins", "outbound_media_origins")
    @classmethod
    def _origins_are_exact(cls, origins: str) -> str:
        for _ in _origins(origins):
            pass
        return origins


def http_address(url: str) -> str:
    """A setting's value as an address, without a slash at its end. Raises `ValueError`."""
    parts = urlsplit(url)
    strange = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or strange:
        raise ValueError("must be an http:// or https:// address without user name and query")
    return url.rstrip("/")


def _origins(text: str) -> Iterator[str]:
    yield from map(normal_origin, filter(None, map(str.strip, text.split(","))))
