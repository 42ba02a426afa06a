# SPDX-License-Identifier: Apache-2.0
"""From settings to a storage in a bucket."""

import os
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from obstore.store import S3Store

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.bucket import PartRules
from entrepot.infra.storage.s3.client import Address
from entrepot.infra.storage.s3.client import S3Client
from entrepot.infra.storage.s3.credentials import Fixed
from entrepot.infra.storage.s3.credentials import FromFile
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Wallet
from entrepot.infra.storage.s3.credentials import region_of
from entrepot.infra.storage.s3.reading import S3Reader
from entrepot.infra.storage.s3.redirects import Redirects
from entrepot.infra.storage.s3.restoring import Restoring
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import S3Settings
from entrepot.infra.storage.s3.settings import Way
from entrepot.infra.storage.s3.spool import Spool
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.infra.storage.s3.web_identity import WebIdentity
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock

MIB = 1024 * 1024
ASKED_AGAIN_MS = 6 * MINUTE_MS
"""obstore asks for keys anew five minutes before their end, so after a minute."""

_THREADS = 16
_UNLIMITED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a bucket is opened with besides its own settings: how others are reached, and where bytes wait."""

    outgoing: OutgoingSettings = field(default_factory=OutgoingSettings)
    spool_dir: Path | None = None
    spool_mib: int = 256
    redirects: RedirectSettings = field(default_factory=RedirectSettings)
    clock: Clock = system_clock
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    rules: PartRules | None = None


def open_bucket(url: str, settings: S3Settings, around: Surroundings) -> S3Storage:
    """Open `s3://bucket/prefix`; nothing is asked of it yet. Raises `StorageUnavailable` when nobody says by whom."""
    place = urlsplit(url)
    region = region_of(settings, around.environment)
    outgoing = around.outgoing.model_copy(update={"connections": settings.connections, "total_seconds": 3_600.0})
    address = _address(place.netloc, place.path.strip("/"), settings, region)
    wallet = Wallet(_lender(settings, region, around), around.clock)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bucket")
    client = S3Client(
        Outbound(outgoing).to(trusted(address.origin, settings.ca_file)),
        address,
        wallet,
        around.clock,
        settings.attempts,
        settings.checksums,
        settings.storage_class,
    )
    reader = S3Reader(_store(place.netloc, address, settings, around, wallet), address.prefix)
    readers = {Way.INTERNAL: reader}
    if around.redirects.public:
        public = settings.model_copy(update={"endpoint": around.redirects.public_endpoint})
        elsewhere = _address(place.netloc, place.path.strip("/"), public, region)
        readers[Way.PUBLIC] = S3Reader(_store(place.netloc, elsewhere, settings, around, wallet), address.prefix)
    spool = Spool(around.spool_dir, around.spool_mib * MIB, threads)
    rules = around.rules or PartRules(equal=settings.has_equal_parts)
    restoring = Restoring(client, settings.restore_days, settings.restore_tier)
    bucket = Bucket(client, reader, spool, threads, rules)
    return S3Storage(url, bucket, Redirects(around.redirects, readers), restoring)


def _address(bucket: str, prefix: str, settings: S3Settings, region: str) -> Address:
    origin = settings.endpoint.rstrip("/") or f"https://s3.{region}.amazonaws.com"
    is_in_path = settings.addressing == "path" or (settings.addressing == "auto" and bool(settings.endpoint))
    scheme, _, host = origin.partition("://")
    if not is_in_path:
        host = f"{bucket}.{host}"
    # What goes into the `Host` header has to be what the client sends: no port that is the scheme's own.
    shown = parse_url(f"{scheme}://{host}").origin.partition("://")[2]
    return Address(f"{scheme}://{host}", shown, f"/{bucket}" if is_in_path else "", f"{prefix}/" if prefix else "")


def _lender(settings: S3Settings, region: str, around: Surroundings) -> Lender:
    """Choose where keys come from: the configuration, the environment, web identity, a file, in this order."""
    environment = around.environment
    if settings.access_key_id:
        secret, token = settings.secret_access_key.get_secret_value(), settings.session_token.get_secret_value()
        return Fixed(Credentials(settings.access_key_id, secret, region, token))
    named = environment.get("AWS_ACCESS_KEY_ID", "")
    if named and settings.credentials_file is None and settings.web_identity_token_file is None:
        secret, token = environment.get("AWS_SECRET_ACCESS_KEY", ""), environment.get("AWS_SESSION_TOKEN", "")
        return Fixed(Credentials(named, secret, region, token))
    role = settings.role_arn or environment.get("AWS_ROLE_ARN", "")
    token_file = settings.web_identity_token_file or environment.get("AWS_WEB_IDENTITY_TOKEN_FILE", "")
    if role and token_file and settings.credentials_file is None:
        asked = settings.sts_endpoint or environment.get("AWS_ENDPOINT_URL_STS", "")
        sts = trusted(asked.rstrip("/") or f"https://sts.{region}.amazonaws.com", settings.ca_file if asked else None)
        return WebIdentity(Outbound(around.outgoing), sts, role, Path(token_file), region)
    path = settings.credentials_file or environment.get("AWS_SHARED_CREDENTIALS_FILE", "")
    if path:
        profile = settings.profile or environment.get("AWS_PROFILE", "") or "default"
        return FromFile(Path(path), profile, region, around.clock)
    raise StorageUnavailable(
        "nobody says by which keys the bucket is reached: set storage.s3.access_key_id, or AWS_ACCESS_KEY_ID, or a "
        "file of credentials, or a token of web identity with its role"
    )


def _store(bucket: str, address: Address, settings: S3Settings, around: Surroundings, wallet: Wallet) -> S3Store:
    outgoing = around.outgoing
    options: dict[str, object] = {
        "allow_http": address.origin.startswith("http://"),
        "connect_timeout": timedelta(seconds=outgoing.connect_seconds),
        "read_timeout": timedelta(seconds=outgoing.read_seconds),
        "timeout": _UNLIMITED,
        "pool_max_idle_per_host": str(settings.connections),
    }
    if settings.ca_file is not None or outgoing.ca_file is not None:
        files = [path for path in (settings.ca_file, outgoing.ca_file) if path is not None]
        options["root_certificate"] = b"\n".join(path.read_bytes() for path in files)
    if outgoing.proxy:
        options["proxy_url"] = outgoing.proxy
        options["proxy_excludes"] = ",".join(outgoing.no_proxy)

    async def keys() -> dict[str, object]:
        lent = await wallet.lent()
        soon = after(around.clock(), ASKED_AGAIN_MS)
        ends = min(lent.expires_at or soon, soon)
        return {
            "access_key_id": lent.credentials.key_id,
            "secret_access_key": lent.credentials.secret,
            "token": lent.credentials.token or None,
            "expires_at": datetime.fromtimestamp(ends / 1000, UTC),
        }

    with _without_variables():
        return S3Store(
            bucket,
            endpoint=address.origin,
            region=region_of(settings, around.environment),
            virtual_hosted_style_request=not address.base,
            client_options=options,  # type: ignore[arg-type]
            retry_config={"max_retries": settings.attempts - 1, "retry_timeout": timedelta(minutes=3)},
            credential_provider=keys,  # type: ignore[arg-type]
        )


@contextmanager
def _without_variables() -> Iterator[None]:
    """Hide variables that obstore would let override what it is given, and those that name proxies."""
    hidden = {
        name: os.environ.pop(name)
        for name in tuple(os.environ)
        if name.upper().startswith("AWS_") or name.upper().endswith("_PROXY")
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
