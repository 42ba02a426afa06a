# SPDX-License-Identifier: Apache-2.0
"""Client by operation: every cell is tried, or its reason not to be is in the catalogue; anything else is a failure."""

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum

from tests.interop.clients.catalogue import CLIENTS
from tests.interop.clients.catalogue import reason_for
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.programs import provide
from tests.interop.report import Report
from tests.interop.scenarios import SCENARIOS
from tests.interop.scenarios import Trial
from tests.interop.target import Bench
from tests.interop.tools import Pins
from tests.interop.verbs import Operation
from tests.interop.wire import wired


class Result(StrEnum):
    """What a cell says."""

    PASSED = "passed"
    NOT_OFFERED = "-"
    FAILED = "FAILED"


@dataclass(slots=True)
class Matrix:
    """The cells so far, by client and operation; what is not in it has failed."""

    versions: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, Operation], Result] = field(default_factory=dict)

    def result(self, client: str, operation: Operation) -> Result:
        """Return what a cell says."""
        return self.cells.get((client, operation), Result.FAILED)

    def render(self) -> str:
        """Return the table in Markdown, and below it why the empty cells are empty."""
        heads = ["client", "version", *(str(operation) for operation in Operation)]
        rows = [
            [client, version, *(str(self.result(client, operation)) for operation in Operation)]
            for client, version in self.versions.items()
        ]
        widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
        lines = [heads, ["-" * width for width in widths], *rows]
        table = "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)
        return f"{table}\n\n{self._reasons()}"

    def _reasons(self) -> str:
        grouped: dict[str, list[str]] = {}
        for client, operation in self.cells:
            if self.result(client, operation) is Result.NOT_OFFERED:
                grouped.setdefault(f"{operation}: {reason_for(client, operation)}", []).append(client)
        return "\n".join(f"* {', '.join(clients)}: {reason}." for reason, clients in sorted(grouped.items()))


def try_client(name: str, client: object, trial: Trial, report: Report, matrix: Matrix) -> None:
    """Try every operation with a client that is ready, and write the results into the matrix."""
    for operation, scenario in SCENARIOS.items():
        offers, reason = isinstance(client, scenario.takes), reason_for(name, operation)
        if not offers and reason:
            matrix.cells[name, operation] = Result.NOT_OFFERED
            continue
        with report.step(name, operation):
            expect(offers, "it has no method for this, and the catalogue no reason")
            expect(not reason, f"it has a method for this, and the catalogue a reason against: {reason}")
            scenario.run(client, trial)
            matrix.cells[name, operation] = Result.PASSED


def take_turn(name: str, bench: Bench, pins: Pins, report: Report, matrix: Matrix) -> None:
    """Install and start one client, and try everything; a client that cannot be had has failed everything.

    `bench` reaches the registry directly, and belongs to whoever seeded it.
    """
    client = CLIENTS[name]
    matrix.versions[name] = "not installed"
    with report.step(name, "whole turn"), wired(bench.target.authority) as wire:
        programs, versions = provide(client.needs, pins)
        matrix.versions[name] = versions[client.needs[0]]
        own = replace(bench.through(wire.authority, name), programs=programs)
        with client.start(own) as ready:
            try_client(name, ready, Trial(own, wire, name, Skopeo(bench)), report, matrix)
