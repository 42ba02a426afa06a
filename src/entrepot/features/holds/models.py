# SPDX-License-Identifier: Apache-2.0
"""The words of holds."""

from dataclasses import dataclass

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.holds import HoldKind

MAX_USER_HOLD_MS = 366 * DAY_MS
"""How long a hold lasts at most that whoever may delete can place."""

MAX_HOLDS = 1_000
"""In one repository, that are in force."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody wants held: a digest, what a tag points at, or with neither of them the whole repository."""

    kind: HoldKind
    reason: str
    expires_at: Milliseconds | None
    digest: Digest | None = None
    tag: TagName | None = None
