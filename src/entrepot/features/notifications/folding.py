# SPDX-License-Identifier: Apache-2.0
"""Which things are told as one, so that a flood of them is one notification with a count."""

import hashlib

from entrepot.features.notifications.models import FOLDED_MS
from entrepot.features.notifications.models import Notice
from entrepot.kernel.clock import Milliseconds


def fold_key(notice: Notice) -> str:
    """Return what those have in common that are told as one, in a text of fixed length."""
    parts = (notice.kind, notice.need.value, notice.project, notice.repository, notice.about)
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()


def is_folded(first_at: Milliseconds, read_at: Milliseconds | None, now: Milliseconds) -> bool:
    """Tell whether what happens now counts for what was told at `first_at`: recently, and nobody has read it since."""
    return read_at is None and first_at <= now < first_at + FOLDED_MS
