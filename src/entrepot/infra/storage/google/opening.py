# SPDX-License-Identifier: Apache-2.0
"""From settings to a storage in a bucket of Google."""

from urllib.parse import urlsplit

from obstore.store import GCSStore

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.storage.google.client import GoogleClient
from entrepot.infra.storage.google.client import with_token
from entrepot.infra.storage.google.credentials import identity_of
from entrepot.infra.storage.google.credentials import lender_of
from entrepot.infra.storage.google.identity import Federation
from entrepot.infra.storage.google.identity import ServiceAccount
from entrepot.infra.storage.google.settings import GoogleSettings
from entrepot.infra.storage.google.signed_urls import SignedUrls
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.bearer import Bearer
from entrepot.infra.storage.s3.bucket import PartRules
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

ENDPOINT = "https://storage.googleapis.com"


def open_google(url: str, settings: GoogleSettings, around: Surroundings) -> S3Storage:
    """Open `gs://bucket/prefix`; nothing is asked of it yet. Raises `StorageUnavailable` when nobody says who asks."""
    named = urlsplit(url)
    identity = identity_of(settings, around)
    address = _address(named.netloc, named.path.strip("/"), settings.endpoint or ENDPOINT)
    public = _address(named.netloc, named.path.strip("/"), around.redirects.public_endpoint or ENDPOINT)
    redirects = _redirects(identity, {Way.INTERNAL: address, Way.PUBLIC: public}, around)
    wallet = Wallet(lender_of(identity, around), around.clock)
    peer = Outbound(around.busy(settings.connections)).to(trusted(address.origin, settings.ca_file))
    sender = Sender(peer, address, wallet, with_token, around.clock, settings.attempts)
    client = GoogleClient(sender, settings.checksums, settings.storage_class)
    reader = S3Reader(_store(named.netloc, address, settings, around, wallet), address.prefix)
    bucket = around.bucket(client, reader, PartRules(), has_md5=settings.checksums)
    return S3Storage(url, bucket, redirects)


def _address(bucket: str, prefix: str, endpoint: str) -> Address:
    origin = parse_url(endpoint.rstrip("/")).origin
    return Address(origin, origin.partition("://")[2], f"/{bucket}", f"{prefix}/" if prefix else "")


def _redirects(identity: ServiceAccount | Federation, addresses: dict[Way, Address], around: Surroundings) -> Redirects:
    if isinstance(identity, ServiceAccount):
        urls = {way: SignedUrls(identity, address, around.clock) for way, address in addresses.items()}
        return Redirects(around.redirects, urls)
    if around.redirects.are_on:
        raise StorageUnavailable(
            "storage.redirects take the key of a service account: addresses are signed with nothing else"
        )
    return Redirects(around.redirects, {})


def _store(
    bucket: str, address: Address, settings: GoogleSettings, around: Surroundings, wallet: Wallet[Bearer]
) -> GCSStore:
    async def keys() -> dict[str, object]:
        lent = await wallet.lent()
        return {"token": lent.credentials.token, "expires_at": asked_again(lent.expires_at, around.clock())}

    with without_variables("GOOGLE_"):
        return GCSStore(
            bucket,
            base_url=address.origin,
            client_options=client_options(address.origin, settings.ca_file, settings.connections, around.outgoing),
            retry_config=retry_options(settings.attempts),
            credential_provider=keys,  # type: ignore[arg-type]
        )
