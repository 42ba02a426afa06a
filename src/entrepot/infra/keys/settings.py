# SPDX-License-Identifier: Apache-2.0
"""Which files hold the keys."""

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr

MAX_OTHER_KEYS = 16


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EncryptionSettings(_Section):
    """The keys that the bytes are encrypted with. Each file has one, as `entrepot keys new` makes it."""

    key_file: Path | None = Field(
        None, description="File of the key that encrypts new content; without one, it is stored as it is."
    )
    other_key_files: tuple[Path, ...] = Field(
        (), max_length=MAX_OTHER_KEYS, description="Files of keys that encrypted older content, or soon will newer."
    )


class KeySettings(_Section):
    """The instance key, which encrypts secrets in the database. Others open what they encrypted before."""

    instance_key: SecretStr = Field(SecretStr(""), description="The key itself, for installations without files.")
    instance_key_file: Path | None = Field(
        None, description="Its file; default: instance.key in data_dir, which the first start makes."
    )
    other_instance_key_files: tuple[Path, ...] = Field(
        (), max_length=MAX_OTHER_KEYS, description="Files of keys that the instance key replaced, or that soon will it."
    )
