# SPDX-License-Identifier: Apache-2.0
"""From settings to a storage in a container of Azure."""

import base64
from urllib.parse import urlsplit

from obstore.store import AzureStore

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.storage.azure.client import AzureClient
from entrepot.infra.storage.azure.credentials import account_of
from entrepot.infra.storage.azure.credentials import lender_of
from entrepot.infra.storage.azure.settings import AzureSettings
from entrepot.infra.storage.azure.signing import AccessSignature
from entrepot.infra.storage.azure.signing import AccountKey
from entrepot.infra.storage.azure.signing import AzureKeys
from entrepot.infra.storage.azure.signing import signed
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.bearer import Bearer
from entrepot.infra.storage.s3.bucket import PartRules
from entrepot.infra.storage.s3.credentials import Fixed
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Wallet
from entrepot.infra.storage.s3.obstore_options import asked_again
from entrepot.infra.storage.s3.obstore_options import client_options
from entrepot.infra.storage.s3.obstore_options import retry_options
from entrepot.infra.storage.s3.obstore_options import without_variables
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.reading import S3Reader
from entrepot.infra.storage.s3.redirects import Redirects
from entrepot.infra.storage.s3.sending import Address
from entrepot.infra.storage.s3.sending import Sender
from entrepot.infra.storage.s3.settings import Way
from entrepot.infra.storage.s3.storage import S3Storage


def open_container(url: str, settings: AzureSettings, around: Surroundings) -> S3Storage:
    """Open `azure://container/prefix`; nothing is asked of it yet. Raises `StorageUnavailable` without keys."""
    named = urlsplit(url)
    account = account_of(settings, around.environment)
    lender = lender_of(settings, account, around)
    _require_signing(lender, around)
    address = _address(named.netloc, named.path.strip("/"), settings.endpoint, account)
    wallet = Wallet(lender, around.clock)
    peer = Outbound(around.busy(settings.connections)).to(trusted(address.origin, settings.ca_file))
    sender = Sender(peer, address, wallet, signed, around.clock, settings.attempts)
    client = AzureClient(sender, settings.checksums, settings.tier)
    stores = _Stores(named.netloc, account, settings, around, wallet)
    reader = stores.reader(address)
    signing = {Way.INTERNAL: reader}
    if around.redirects.public:
        public = around.redirects.public_endpoint
        signing[Way.PUBLIC] = stores.reader(_address(named.netloc, named.path.strip("/"), public, account))
    bucket = around.bucket(client, reader, PartRules(), has_md5=settings.checksums)
    return S3Storage(url, bucket, Redirects(around.redirects, signing))


def _require_signing(lender: Lender[AzureKeys], around: Surroundings) -> None:
    """Refuse to send clients to the container with what no address can be signed with."""
    if around.redirects.are_on and not _is_key(lender):
        raise StorageUnavailable(
            "storage.redirects take a key of the storage account: addresses are signed with nothing else"
        )


def _is_key(lender: Lender[AzureKeys]) -> bool:
    return isinstance(lender, Fixed) and isinstance(lender.credentials, AccountKey)


def _address(container: str, prefix: str, endpoint: str, account: str) -> Address:
    found = parse_url(endpoint.rstrip("/") or f"https://{account}.blob.core.windows.net")
    base = f"{found.path.rstrip('/')}/{container}"
    return Address(found.origin, found.origin.partition("://")[2], base, f"{prefix}/" if prefix else "")


class _Stores:
    """Makes what reads a container, by any address of it."""

    def __init__(
        self, container: str, account: str, settings: AzureSettings, around: Surroundings, wallet: Wallet[AzureKeys]
    ) -> None:
        self._container = container
        self._account = account
        self._settings = settings
        self._around = around
        self._wallet = wallet

    def reader(self, address: Address) -> S3Reader:
        """Make one for an address."""
        settings, around = self._settings, self._around
        endpoint = f"{address.origin}{address.base.removesuffix(f'/{self._container}')}"
        with without_variables("AZURE_"):
            store = AzureStore(
                self._container,
                account_name=self._account,
                endpoint=endpoint,
                client_options=client_options(address.origin, settings.ca_file, settings.connections, around.outgoing),
                retry_config=retry_options(settings.attempts),
                credential_provider=self._keys,  # type: ignore[arg-type]
            )
        return S3Reader(store, address.prefix)

    async def _keys(self) -> dict[str, object]:
        lent = await self._wallet.lent()
        until = {"expires_at": asked_again(lent.expires_at, self._around.clock())}
        match lent.credentials:
            case AccountKey(key=key):
                return {"access_key": base64.b64encode(key).decode(), **until}
            case AccessSignature(query=query):
                return {"sas_token": query, **until}
            case Bearer(token=token):
                return {"token": token, **until}
