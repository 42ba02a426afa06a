# SPDX-License-Identifier: Apache-2.0
"""The application that is measured: the product's own, with one gate mounted that allows every read of a manifest.

No feature of this version brings a gate; without one, reads would be measured that ask nobody.
"""

from entrepot.entry.configuration import load
from entrepot.entry.server import Server
from entrepot.entry.wiring import build_instance
from entrepot.infra.telemetry.logs import configure_logs
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict


class AllowReads:
    """Is asked about every manifest that is read, and allows it."""

    name = "allow-reads"
    on_error: Verdict = Deny("the gate failed")
    operations = frozenset({Operation.MANIFEST_READ})

    async def check(self, context: GateContext) -> Verdict:
        """Say yes."""
        return Allow()


def create_application() -> Server:
    """Build the application from the configuration in the environment."""
    settings = load()
    configure_logs(settings.logs)
    instance = build_instance(settings)
    instance.core.gates.mount([AllowReads()])
    return Server(instance)
