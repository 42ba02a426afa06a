# SPDX-License-Identifier: Apache-2.0
"""Immutability at the gates of the registry: setting, moving and deleting tags, and what holds them."""

from dataclasses import replace

from entrepot.features.immutability.keeping import Change
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.keeping import Refused
from entrepot.features.immutability.telling import warning
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn


class ImmutabilityGate:
    """Refuses what a rule does not let happen to a tag, whoever asks: people, robots, and parts of Entrepot too."""

    name = "immutability"
    on_error: Verdict = Deny("the rules about immutable tags could not be looked at in time; try again")
    operations = frozenset({Operation.TAG_SET, Operation.TAG_MOVE, Operation.TAG_DELETE, Operation.MANIFEST_DELETE})

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def check(self, context: GateContext) -> Verdict:
        """Decide."""
        await self._keeper.in_force.current()
        if self._keeper.in_force.is_empty:
            return Allow()
        refused = await self._refused(context)
        if refused is None:
            return Allow()
        if refused.override is not None:
            return Warn(warning(refused.rule, refused.override))
        return Deny(refused.reason)

    async def _refused(self, context: GateContext) -> Refused | None:
        repository = RepositoryName(context.repository)
        if context.operation is Operation.MANIFEST_DELETE:
            if context.digest is None:
                return None
            refused = await self._keeper.refused_below(repository, context.digest)
            return refused and _along(refused, f"the index under it holds {context.digest}")
        if context.tag is None:
            return None
        is_deleted = context.operation is Operation.TAG_DELETE
        after = None if is_deleted else context.digest
        change = Change(repository, TagName(context.tag), context.previous_digest, after, context.tags)
        refused = await self._keeper.refused(change)
        if refused is not None and is_deleted and context.digest is not None:
            return _along(refused, f"it points at {context.digest}")
        return refused


def _along(refused: Refused, why: str) -> Refused:
    """Say why a tag is at stake where somebody deletes a manifest."""
    return replace(refused, reason=f"{refused.reason} ({why})")
