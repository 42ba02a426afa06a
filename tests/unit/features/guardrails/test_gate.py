# SPDX-License-Identifier: Apache-2.0
"""Guardrails at the gates of the registry."""

from entrepot.features.guardrails.gate import GuardrailGate
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from tests.unit.features.guardrails.conftest import Guarded


def test_every_operation_but_reading_is_asked_about(guarded: Guarded) -> None:
    """So nothing is on the way of a pull; and what fails is refused."""
    gate = GuardrailGate(guarded.guard)

    assert set(Operation) - gate.operations == {Operation.MANIFEST_READ, Operation.BLOB_READ, Operation.MOUNT}
    assert isinstance(gate.on_error, Deny)
