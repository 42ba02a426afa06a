# SPDX-License-Identifier: Apache-2.0
"""An independent client of S3, for what two implementations should agree about."""

from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Unpack

from obstore.store import S3Store

from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.accounts import Account
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import REGION

if TYPE_CHECKING:
    from obstore.store import ClientConfig
    from obstore.store import S3Config


def store_of(url: str, account: Account = OWNER, **more: Unpack["S3Config"]) -> S3Store:
    """Return what speaks to the bucket at a URL, and tries nothing twice."""
    config: S3Config = {
        "bucket": BUCKET,
        "endpoint": url,
        "region": REGION,
        "access_key_id": account.key_id,
        "secret_access_key": account.secret,
        **more,
    }
    if account.token:
        config["session_token"] = account.token
    options: ClientConfig = {"allow_http": True, "timeout": timedelta(seconds=10)}
    return S3Store(config=config, client_options=options, retry_config={"max_retries": 0})
