# SPDX-License-Identifier: Apache-2.0
"""The configuration: `entrepot.toml`, overridden by `ENTREPOT_*` variables, overridden by flags."""

import os
from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict
from pydantic_settings import SettingsError
from pydantic_settings import TomlConfigSettingsSource

from entrepot.kernel.errors import AppError
from entrepot.registry.settings import RegistrySettings

PREFIX = "ENTREPOT_"
CONFIG_VARIABLE = "ENTREPOT_CONFIG"
DEFAULT_FILE = Path("entrepot.toml")
DATABASE_FILE = "entrepot.db"


class InvalidConfiguration(AppError):
    """The configuration is not valid."""

    code = "invalid_configuration"
    default_hint = "Correct what is listed and start again."


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Section):
    """Where the server listens and what it is called."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(5000, ge=0, le=65_535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=256, description="Server processes.")
    public_url: str = Field("", pattern=r"^$|^https?://[^/]+$", description="Address clients use, without a path.")
    allowed_hosts: frozenset[str] = Field(
        frozenset({"localhost", "127.0.0.1", "[::1]"}),
        description="Host names under which token addresses may be announced when there is no public_url.",
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least severe event to log.")


class StorageSettings(_Section):
    """Where the bytes are kept."""

    url: str = Field("", pattern=r"^$|^file:///.+|^memory://$", description="Default: the folder blobs in data_dir.")


class Settings(BaseSettings):
    """All settings, one attribute a section."""

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
    storage: StorageSettings = StorageSettings()
    registry: RegistrySettings = RegistrySettings()

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / DATABASE_FILE

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        file = os.environ.get(CONFIG_VARIABLE, "")
        path = Path(file) if file else DEFAULT_FILE
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)


def override(**values: object) -> None:
    """Let flags win: put those that were given into the environment, where server processes read them too.

    A name is that of a variable without its prefix, such as `server__port`.
    """
    given = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items() if value is not None}
    os.environ.update(given)


def load() -> Settings:
    """Read the configuration. Raises `InvalidConfiguration` that names every mistake at once."""
    file = os.environ.get(CONFIG_VARIABLE, "")
    problems = [f"the file {file} does not exist"] if file and not Path(file).is_file() else []
    problems += _unknown_variables()
    try:
        settings = Settings()
    except (ValidationError, ValueError) as error:
        raise InvalidConfiguration("; ".join([*problems, *_mistakes(error)])) from None
    if problems:
        raise InvalidConfiguration("; ".join(problems))
    return settings


def _unknown_variables() -> list[str]:
    known = {CONFIG_VARIABLE}
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            known |= {f"{PREFIX}{name}__{inner}".upper() for inner in section.model_fields}
        else:
            known.add(f"{PREFIX}{name}".upper())
    set_here = [name for name in os.environ if name.upper().startswith(PREFIX)]
    return [f"the variable {name} is not a setting" for name in sorted(set_here) if name.upper() not in known]


def _mistakes(error: ValidationError | ValueError) -> list[str]:
    """Name each mistake without repeating the value, which may be a secret."""
    if isinstance(error, SettingsError):
        return [f"{error}: a variable that holds a list must be JSON"]
    if not isinstance(error, ValidationError):
        return [f"the file is not valid TOML: {error}"]
    return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)]
