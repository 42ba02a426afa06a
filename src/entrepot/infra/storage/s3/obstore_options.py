# SPDX-License-Identifier: Apache-2.0
"""What obstore is given to reach a service as we do: connections, proxies and authorities, and when keys end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from typing import cast

from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

if TYPE_CHECKING:
    from obstore.store import ClientConfig
    from obstore.store import RetryConfig

ASKED_AGAIN_MS = 6 * MINUTE_MS
"""obstore asks for keys anew five minutes before their end, so after a minute."""

_UNLIMITED = timedelta(days=7)


def client_options(origin: str, ca_file: Path | None, connections: int, outgoing: OutgoingSettings) -> "ClientConfig":
    """Return how connections to a service are made."""
    options: dict[str, object] = {
        "allow_http": origin.startswith("http://"),
        "connect_timeout": timedelta(seconds=outgoing.connect_seconds),
        "read_timeout": timedelta(seconds=outgoing.read_seconds),
        "timeout": _UNLIMITED,
        "pool_max_idle_per_host": str(connections),
    }
    if ca_file is not None or outgoing.ca_file is not None:
        files = [path for path in (ca_file, outgoing.ca_file) if path is not None]
        options["root_certificate"] = b"\n".join(path.read_bytes() for path in files)
    if outgoing.proxy:
        options["proxy_url"] = outgoing.proxy
        options["proxy_excludes"] = ",".join(outgoing.no_proxy)
    return cast("ClientConfig", options)


def retry_options(attempts: int) -> "RetryConfig":
    """Return how often a request is sent."""
    return {"max_retries": attempts - 1, "retry_timeout": timedelta(minutes=3)}


def asked_again(expires_at: Milliseconds | None, now: Milliseconds) -> datetime:
    """Return when keys end, as obstore is told: so soon that it asks for those that others were given."""
    soon = after(now, ASKED_AGAIN_MS)
    return datetime.fromtimestamp(min(expires_at or soon, soon) / 1000, UTC)


@contextmanager
def without_variables(prefix: str) -> Iterator[None]:
    """Hide variables that obstore would let override what it is given, and those that name proxies."""
    hidden = {
        name: os.environ.pop(name)
        for name in tuple(os.environ)
        if name.upper().startswith(prefix) or name.upper().endswith("_PROXY")
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
