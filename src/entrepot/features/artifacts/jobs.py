# SPDX-License-Identifier: Apache-2.0
"""The background work of artifacts."""

from typing import Any

from entrepot.features.artifacts.derive import CATCH_UP
from entrepot.features.artifacts.derive import DERIVE
from entrepot.features.artifacts.derive import CatchUpPayload
from entrepot.features.artifacts.derive import DerivePayload
from entrepot.features.artifacts.derive import FactsDerivation
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind

STORED_AT_ONCE = 50

ATTEMPTS = 35
"""Enough for a storage that is away for an hour: nothing asks again for what was given up."""


def job_kinds(derivation: FactsDerivation) -> tuple[JobKind[Any], ...]:
    """Return the kinds: deriving facts, and finding out which are missing."""

    async def derive(context: JobContext, payload: DerivePayload) -> None:
        """Derive what was asked for, and store it bit by bit, so that a restart loses little."""
        wanted = payload.manifests
        for start in range(0, len(wanted), STORED_AT_ONCE):
            await derivation.derive(wanted[start : start + STORED_AT_ONCE])
            context.report(min(start + STORED_AT_ONCE, len(wanted)), len(wanted))

    async def catch_up(_context: JobContext, _payload: CatchUpPayload) -> None:
        """Ask for all that is missing."""
        await derivation.catch_up()

    return (
        JobKind(name=DERIVE, payload=DerivePayload, run=derive, max_running=2, max_attempts=ATTEMPTS),
        JobKind(name=CATCH_UP, payload=CatchUpPayload, run=catch_up, max_running=1, max_attempts=ATTEMPTS),
    )
