# SPDX-License-Identifier: Apache-2.0
"""The configuration: `entrepot.toml`, overridden by `ENTREPOT_*` variables, overridden by flags."""

import difflib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import get_origin

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import IPvAnyNetwork
from pydantic import SecretStr
from pydantic import ValidationError
from pydantic import field_validator
from pydantic import model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from pydantic_settings import EnvSettingsSource
from pydantic_settings import InitSettingsSource
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict

from entrepot.entry.settings_tree import OWN_ADDRESS
from entrepot.entry.settings_tree import PREFIX
from entrepot.entry.settings_tree import every_setting
from entrepot.entry.settings_tree import sections
from entrepot.features.approvals import ApprovalSettings
from entrepot.features.archive import ArchiveSettings
from entrepot.features.audit import AuditSettings
from entrepot.features.backup import BackupSettings
from entrepot.features.events import EventSettings
from entrepot.features.garbage import GarbageSettings
from entrepot.features.identity import IdentitySettings
from entrepot.features.notifications import NotificationSettings
from entrepot.features.rate_limits import RateLimitSettings
from entrepot.features.robots import RobotSettings
from entrepot.features.second_factors import SecondFactorSettings
from entrepot.features.sessions import SessionSettings
from entrepot.features.usage import UsageSettings
from entrepot.infra.database.settings import DatabaseSettings
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.tls.settings import TlsSettings
from entrepot.infra.keys.settings import EncryptionSettings
from entrepot.infra.keys.settings import KeySettings
from entrepot.infra.mail.settings import MailSettings
from entrepot.infra.remote.logins import VARIABLES as REMOTE_VARIABLES
from entrepot.infra.storage.azure.settings import AzureSettings
from entrepot.infra.storage.google.settings import GoogleSettings
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import S3Settings
from entrepot.infra.telemetry.settings import LogSettings
from entrepot.infra.telemetry.settings import MetricsSettings
from entrepot.kernel.errors import AppError
from entrepot.registry.settings import RegistrySettings

CONFIG_VARIABLE = "ENTREPOT_CONFIG"
DEFAULT_FILE = Path("entrepot.toml")
DATABASE_FILE = "entrepot.db"
DEFAULT_PLACE = "file:blobs"
"""How the folder `blobs` of the data folder is recorded: by no absolute path, so that the data folder may move."""

OWN_PATHS = ("v2", "api", "auth", "healthz", "readyz", "metrics")


class InvalidConfiguration(AppError):
    """The configuration is not valid."""

    code = "invalid_configuration"
    default_hint = "Correct what is listed and start again."

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Section):
    """Where the server listens and what it is called."""

    host: str = Field(
        "localhost",
        description="Addresses to listen on, separated by commas: `localhost` is the loopback of every address family "
        "that the machine has, `::` is every address of both families.",
    )
    port: int = Field(5000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=256, description="Server processes.")
    insecure_http: bool = Field(False, description="Listen beyond loopback without TLS.")
    spool_dir: Path | None = Field(
        None, description="Folder for bytes on their way to a bucket; default: the folder spool in data_dir."
    )
    spool_mib: int = Field(
        256,
        ge=64,
        le=1_048_576,
        description="How much of them each server process may have there at once, in MiB; clients wait meanwhile.",
    )
    stop_seconds: int = Field(
        30, ge=0, le=3_600, description="How long requests may go on once the server was told to stop."
    )
    drain_seconds: int = Field(
        0,
        ge=0,
        le=3_600,
        description="How long a server that SIGTERM stops says that it is not ready, and serves on, before that: "
        "longer than a load balancer takes to notice.",
    )
    public_url: str = Field(
        "",
        pattern=r"^$|^https?://[^/]+$",
        description="Address clients use, without a path.",
        json_schema_extra=OWN_ADDRESS,
    )
    allowed_hosts: frozenset[str] = Field(
        frozenset({"localhost", "127.0.0.1", "[::1]"}),
        description="Host names under which token addresses may be announced when there is no public_url; "
        "ports do not matter, and what the server listens on need not be listed.",
    )
    tls: TlsSettings = TlsSettings()
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="Networks of proxies that are believed about client address, scheme and host "
        "(`Forwarded`, `X-Forwarded-For`, `-Proto`, `-Host`, `-Port`).",
    )
    path_prefix: str = Field(
        "",
        pattern=r"^$|^(/[A-Za-z0-9._~-]+)+$",
        description="Path under which clients find `/` and `/api` as well, such as `/registry-ui`; "
        "everything else stays at the root.",
    )

    @field_validator("path_prefix")
    @classmethod
    def _is_free(cls, prefix: str) -> str:
        if prefix.partition("/")[2].startswith(OWN_PATHS):
            raise ValueError(f"must not begin like an address of its own: {', '.join(OWN_PATHS)}")
        return prefix

    @property
    def known_hosts(self) -> frozenset[str]:
        """The hosts that this server is called by: those listed, and those it listens on."""
        return self.allowed_hosts | set(self.host.replace(",", " ").split())


PLACE = (
    r"^$|^file:blobs$|^file:///.+|^memory://$|"
    r"^(s3|gs|azure)://[a-z0-9][a-z0-9._-]{1,62}(/[A-Za-z0-9!_.*'()-]+)*/?$"
)
"""What the address of a place may be."""


class PlaceSettings(_Section):
    """Another place of the same bytes, while they move from it to `storage.url`. See `entrepot storage move`."""

    url: str = Field(
        "",
        pattern=PLACE,
        description="A folder (`file:///srv/blobs`; `file:blobs` is the folder blobs in data_dir) or a bucket "
        "(`s3://bucket/prefix`, `azure://…`, `gs://…`); default: there is no second place.",
    )
    s3: S3Settings = S3Settings()
    azure: AzureSettings = AzureSettings()
    google: GoogleSettings = GoogleSettings()
    redirects: RedirectSettings = RedirectSettings()

    def is_where(self, other: "PlaceSettings") -> bool:
        """Tell whether both are the same place: a bucket of one name may be at two services, or in two accounts."""
        one, two = (
            (each.url or DEFAULT_PLACE, each.s3.endpoint, each.azure.account, each.azure.endpoint, each.google.endpoint)
            for each in (self, other)
        )
        return one == two


class StorageSettings(PlaceSettings):
    """Where the bytes are kept."""

    url: str = Field(
        "",
        pattern=PLACE,
        description="A folder (`file:///srv/blobs`) or a bucket (`s3://bucket/prefix`, `azure://container/prefix`, "
        "`gs://bucket/prefix`); default: the folder blobs in data_dir.",
    )
    encryption: EncryptionSettings = EncryptionSettings()
    second: PlaceSettings = PlaceSettings()

    @property
    def redirect_minutes(self) -> int:
        """How long after a client was sent to a bucket it may still read there."""
        return max(self.redirects.minutes, self.second.redirects.minutes if self.second.url else 0)

    @model_validator(mode="after")
    def _are_two(self) -> "StorageSettings":
        if self.second.url and self.is_where(self.second):
            raise ValueError("second is the same place as the first")
        return self


class _Environment(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Read JSON, or a list of words separated by commas; validation reports what is neither."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            is_list = get_origin(field.annotation) in (tuple, frozenset) and not value.lstrip().startswith(("[", "{"))
            return value.replace(",", " ").split() if is_list else value


class Settings(BaseSettings):
    """Settings that stand before any section."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data_dir: Path = Field(Path("data"), description="Folder for the database, secrets and, by default, the bytes.")
    bootstrap_admin_password: SecretStr = Field(
        SecretStr(""), description="Password of the first administrator; read only while there is none."
    )
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    storage: StorageSettings = StorageSettings()
    keys: KeySettings = KeySettings()
    registry: RegistrySettings = RegistrySettings()
    limits: ConnectionLimits = ConnectionLimits()
    rate_limits: RateLimitSettings = RateLimitSettings()
    outgoing: OutgoingSettings = OutgoingSettings()
    mail: MailSettings = MailSettings()
    logs: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    identity: IdentitySettings = IdentitySettings()
    sessions: SessionSettings = SessionSettings()
    second_factors: SecondFactorSettings = SecondFactorSettings()
    robots: RobotSettings = RobotSettings()
    garbage: GarbageSettings = GarbageSettings()
    archive: ArchiveSettings = ArchiveSettings()
    backup: BackupSettings = BackupSettings()
    audit: AuditSettings = AuditSettings()
    events: EventSettings = EventSettings()
    notifications: NotificationSettings = NotificationSettings()
    approvals: ApprovalSettings = ApprovalSettings()
    usage: UsageSettings = UsageSettings()

    @model_validator(mode="after")
    def _lets_downloads_end(self) -> "Settings":
        """Refuse a grace that ends while a client that was sent to the bucket may still read there."""
        needed, chosen = self.storage.redirect_minutes, self.garbage.grace_minutes
        if chosen is not None and chosen < needed:
            raise ValueError(
                f"garbage.grace_minutes is {chosen}, and storage.redirects lets clients read for {needed} minutes: "
                "raise the one, or lower storage.redirects.seconds and longest_download_minutes"
            )
        return self

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / DATABASE_FILE

    @property
    def run_dir(self) -> Path:
        """The folder for what running processes leave for each other; nothing in it outlives them."""
        return self.data_dir / "run"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        content, _ = read_file()
        return init_settings, _Environment(settings_cls), InitSettingsSource(settings_cls, content)


def override(**values: object) -> frozenset[str]:
    """Let flags win: put those that were given into the environment, where server processes read them too.

    A name is that of a variable without its prefix, such as `server__port`.
    Returns the names of the variables.
    """
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items() if value is not None}
    os.environ.update(given)
    return frozenset(given)


def file_path() -> Path:
    """Return where the configuration file is, or would be."""
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE)


def read_file() -> tuple[dict[str, Any], list[str]]:
    """Return what the configuration file holds, and why it cannot be read if it cannot."""
    path = file_path()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        return {}, [f"the file {path} does not exist"] if os.environ.get(CONFIG_VARIABLE) else []
    except OSError as error:
        return {}, [f"the file {path} cannot be read: {error.strerror}"]
    except UnicodeDecodeError:
        return {}, [f"the file {path} is not UTF-8"]
    except tomllib.TOMLDecodeError as error:
        return {}, [f"the file {path} is not valid TOML: {error}"]


def load() -> Settings:
    """Read the configuration. Raises `InvalidConfiguration` that names every mistake at once."""
    _, mistakes = read_file()
    mistakes += _unknown_variables()
    try:
        settings = Settings()
    except ValidationError as error:
        raise InvalidConfiguration([*mistakes, *_told(error)]) from None
    if mistakes:
        raise InvalidConfiguration(mistakes)
    return settings


def _unknown_variables() -> Iterator[str]:
    known = {CONFIG_VARIABLE} | REMOTE_VARIABLES | {setting.variable for setting in every_setting(Settings)}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield f"the variable {name} is not a setting{_nearest(name.upper(), known)}"


def _told(error: ValidationError) -> Iterator[str]:
    """Name each mistake without repeating the value, which may be a secret."""
    known = {section.name for section in sections(Settings)} | {setting.name for setting in every_setting(Settings)}
    for each in error.errors(include_input=False):
        place = ".".join(map(str, each["loc"]))
        if each["type"] == "extra_forbidden":
            yield f"{place} is not a setting{_nearest(place, known)}"
        else:
            wants_json = each["type"] in ("dict_type", "list_type", "set_type", "frozen_set_type", "tuple_type")
            message = each["msg"].removeprefix("Value error, ")
            yield f"{place}: {message}{', which a variable gives as JSON' if wants_json else ''}"


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
