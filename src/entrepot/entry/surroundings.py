# SPDX-License-Identifier: Apache-2.0
"""What people are warned of that is not in the database: the disk of the bytes, and this server's certificates."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

from entrepot.entry.configuration import DEFAULT_PLACE
from entrepot.entry.configuration import Settings
from entrepot.entry.tls import tls_folder
from entrepot.features.notifications.feature import Disk
from entrepot.features.notifications.feature import Ending
from entrepot.features.notifications.feature import Surroundings
from entrepot.infra.http.tls.authority import first_certificate
from entrepot.infra.http.tls.pair import milliseconds
from entrepot.infra.http.tls.settings import TlsMode

FOLDER = "blobs"


def surroundings_of(settings: Settings) -> Surroundings:
    """Tell how to look at what is around an instance."""
    return Surroundings(lambda: _disk(settings), lambda: _certificates(settings))


def _disk(settings: Settings) -> Disk | None:
    """Return how full the disk is that the bytes are on; None where they are in a bucket. Blocks."""
    url = settings.storage.url or DEFAULT_PLACE
    if not url.startswith("file:"):
        return None
    folder = settings.data_dir / FOLDER if url == DEFAULT_PLACE else Path(unquote(urlsplit(url).path))
    with suppress(OSError):
        disk = shutil.disk_usage(folder)
        return Disk("the disk of the storage", disk.total - disk.free, disk.total)
    return None


def _certificates(settings: Settings) -> Sequence[Ending]:
    """Return when the certificates of this server end: those that can be read. Blocks."""
    tls, folder = settings.server.tls, tls_folder(settings)
    files: dict[TlsMode, dict[str, Path | None]] = {
        TlsMode.FILES: {"this server": tls.cert},
        TlsMode.AUTO: {"this server": folder / "server.pem", "the local authority": folder / "ca.crt"},
        TlsMode.ACME: {"this server": folder / "acme" / "server.pem"},
    }
    known = files.get(tls.effective_mode, {})
    found = [(name, first_certificate(path)) for name, path in known.items() if path is not None]
    return [Ending(name, milliseconds(each.not_valid_after_utc)) for name, each in found if each is not None]
