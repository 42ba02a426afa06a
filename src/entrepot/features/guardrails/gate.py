# SPDX-License-Identifier: Apache-2.0
"""Guardrails at the gates of the registry: pushing, tagging and deleting, and never pulling."""

from entrepot.features.guardrails.guard import Act
from entrepot.features.guardrails.guard import Guard
from entrepot.features.guardrails.models import Deed
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict

_READING = frozenset({Operation.MANIFEST_READ, Operation.BLOB_READ, Operation.MOUNT})
_DEEDS = {
    Operation.UPLOAD_START: Deed.PUSH,
    Operation.MANIFEST_WRITE: Deed.PUSH,
    Operation.TAG_SET: Deed.TAG,
    Operation.TAG_MOVE: Deed.TAG,
    Operation.TAG_COPY: Deed.TAG,
}
"""What an operation is; every other one that changes something deletes."""

_TOLD_OTHERWISE = frozenset({Operation.UPLOAD_START, Operation.TAG_COPY})
"""What comes with a manifest, or a tag that is set, and is no deed of its own."""


class GuardrailGate:
    """Refuses what a guardrail does not let happen; answers from memory, or after one indexed read."""

    name = "guardrails"
    on_error: Verdict = Deny("the guardrails of this registry could not be looked at in time; try again")
    operations = frozenset(Operation) - _READING

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def check(self, context: GateContext) -> Verdict:
        """Decide."""
        act = Act(
            _DEEDS.get(context.operation, Deed.DELETE),
            context.principal,
            context.repository,
            tag=context.tag or "",
            is_new_tag=context.operation is Operation.TAG_SET,
            is_counted=context.operation not in _TOLD_OTHERWISE,
        )
        reason = await self._guard.refusal_of(act)
        return Deny(reason) if reason else Allow()
