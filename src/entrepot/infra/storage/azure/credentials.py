# SPDX-License-Identifier: Apache-2.0
"""Where what Azure is asked with comes from: the configuration, the environment, or a workload identity."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.storage.azure.settings import AzureSettings
from entrepot.infra.storage.azure.signing import AccessSignature
from entrepot.infra.storage.azure.signing import AccountKey
from entrepot.infra.storage.azure.signing import AzureKeys
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.bearer import TokenEndpoint
from entrepot.infra.storage.s3.bearer import read_small
from entrepot.infra.storage.s3.credentials import Fixed
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Lent
from entrepot.kernel.clock import Clock

if TYPE_CHECKING:
    from entrepot.infra.storage.s3.opening import Surroundings

AUTHORITY = "https://login.microsoftonline.com"
SCOPE = "https://storage.azure.com/.default"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class WorkloadIdentity(Lender[AzureKeys]):
    """Asks for tokens of an application, each time with the token of the workload as the file holds it then."""

    endpoint: TokenEndpoint
    client_id: str
    token_file: Path
    clock: Clock

    async def lend(self) -> Lent[AzureKeys]:
        """See `Lender`."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "scope": SCOPE,
            "client_assertion_type": ASSERTION,
            "client_assertion": await read_small(self.token_file, "token of a workload identity"),
        }
        lent = await self.endpoint.lend(form, self.clock())
        return Lent(lent.credentials, lent.expires_at)


def account_of(settings: AzureSettings, environment: Mapping[str, str]) -> str:
    """Return the storage account. Raises `StorageUnavailable`."""
    found = settings.account or _first(environment, "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
    if not (found.isascii() and found.isalnum()):
        raise StorageUnavailable("nobody says which storage account has the container: set storage.azure.account")
    return found


def lender_of(settings: AzureSettings, account: str, around: "Surroundings") -> Lender[AzureKeys]:
    """Choose who asks: the configuration comes before the environment, a key before a signature before an identity."""
    environment = around.environment
    configured, given = settings.account_key.get_secret_value(), settings.sas_token.get_secret_value()
    is_chosen = bool(configured or given or settings.federated_token_file)
    key = configured or ("" if is_chosen else _first(environment, "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"))
    if key:
        return Fixed(AccountKey(account, _decoded(key)))
    query = given or ("" if is_chosen else environment.get("AZURE_STORAGE_SAS_TOKEN", ""))
    if query:
        return Fixed(AccessSignature(query.removeprefix("?")))
    tenant = settings.tenant_id or environment.get("AZURE_TENANT_ID", "")
    client = settings.client_id or environment.get("AZURE_CLIENT_ID", "")
    token_file = settings.federated_token_file or environment.get("AZURE_FEDERATED_TOKEN_FILE", "")
    if tenant and client and token_file:
        authority = (settings.authority or environment.get("AZURE_AUTHORITY_HOST", "") or AUTHORITY).rstrip("/")
        where = trusted(f"{authority}/{tenant}/oauth2/v2.0/token", settings.ca_file if settings.authority else None)
        endpoint = TokenEndpoint(Outbound(around.outgoing), where)
        return WorkloadIdentity(endpoint, client, Path(token_file), around.clock)
    raise StorageUnavailable(
        "nobody says by which keys the container is reached: set storage.azure.account_key or sas_token, or the "
        "tenant_id, client_id and federated_token_file of a workload identity"
    )


def _first(environment: Mapping[str, str], *names: str) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise StorageUnavailable("the key of the storage account is not base64") from None
