# SPDX-License-Identifier: Apache-2.0
"""The section `storage.azure` of the configuration."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr


class AzureSettings(BaseModel):
    """How a container is reached, and by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(
        "",
        pattern=r"^$|^[a-z0-9]{3,24}$",
        description="The storage account; default: `AZURE_STORAGE_ACCOUNT_NAME` or `AZURE_STORAGE_ACCOUNT`.",
    )
    account_key: SecretStr = Field(
        SecretStr(""), description="A key of the account; default: `AZURE_STORAGE_ACCOUNT_KEY` or `AZURE_STORAGE_KEY`."
    )
    sas_token: SecretStr = Field(
        SecretStr(""), description="A shared access signature instead of a key; default: `AZURE_STORAGE_SAS_TOKEN`."
    )
    tenant_id: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.-]{0,253}$",
        description="The tenant of a workload identity; default: `AZURE_TENANT_ID`.",
    )
    client_id: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]{0,64}$",
        description="Its application; default: `AZURE_CLIENT_ID`.",
    )
    federated_token_file: Path | None = Field(
        None, description="Where its token is; read each time. Default: `AZURE_FEDERATED_TOKEN_FILE`."
    )
    authority: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+/?$",
        description="Who gives tokens for that; default: `AZURE_AUTHORITY_HOST`, else "
        "`https://login.microsoftonline.com`.",
    )
    endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#]+(/[a-z0-9]{3,24})?/?$",
        description="Where the service is, for another cloud or Azurite (`http://127.0.0.1:10000/devstoreaccount1`); "
        "default: `https://ACCOUNT.blob.core.windows.net`.",
    )
    ca_file: Path | None = Field(None, description="Authorities (PEM) that are trusted besides the system's.")
    tier: Literal["", "Hot", "Cool", "Cold"] = Field(
        "", description="The access tier that objects are stored in; default: the account's."
    )
    checksums: bool = Field(
        True,
        description="Have the service compare what arrives with an MD5 of each block (`Content-MD5`). Without it, "
        "nothing but TLS protects content on its way.",
    )
    attempts: int = Field(6, ge=1, le=20, description="How often a request is sent until it counts as failed.")
    connections: int = Field(64, ge=4, le=4_096, description="Connections of each server process, at most.")
