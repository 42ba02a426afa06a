# SPDX-License-Identifier: Apache-2.0
"""The words of holds."""

from dataclasses import dataclass

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.holds import HoldKind


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody wants held: a digest, what a tag points at, or with neither of them the whole repository."""

    kind: HoldKind
    reason: str
    expires_at: Milliseconds | None
    digest: Digest | None = None
    tag: TagName | None = None
